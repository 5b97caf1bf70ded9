package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.module.TableDef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SystemTablesTest {
  static List<AlgebraicValue.Product> rows(ReadView view, int tableId) {
    RowCursor cursor = assertInstanceOf(RowCursor.class, view.scan(tableId));
    AlgebraicType type = view.table(tableId).orElseThrow().rowType();
    List<AlgebraicValue.Product> rows = new ArrayList<>();
    while (cursor.next()) {
      byte[] row =
          Arrays.copyOfRange(cursor.buffer(), cursor.offset(), cursor.offset() + cursor.length());
      rows.add((AlgebraicValue.Product) Values.decode(type, row));
    }
    return rows;
  }

  private static long number(AlgebraicValue.Product row, int column) {
    return ((AlgebraicValue.Int) row.elements().get(column)).value().longValueExact();
  }

  private static String text(AlgebraicValue.Product row, int column) {
    return ((AlgebraicValue.Text) row.elements().get(column)).value();
  }

  @Test
  void systemTablesDescribeThemselves() {
    ReadView view = Datastore.bootstrap(Tables.options()).committed();
    assertEquals(26, rows(view, SystemTables.ST_TABLE).size());
    assertEquals(37, rows(view, SystemTables.ST_INDEX).size());
    assertEquals(33, rows(view, SystemTables.ST_CONSTRAINT).size());
    assertEquals(8, rows(view, SystemTables.ST_SEQUENCE).size());
    assertEquals(
        SystemTables.schemas().stream().mapToInt(table -> table.columns().size()).sum(),
        rows(view, SystemTables.ST_COLUMN).size());
    assertEquals(0, rows(view, SystemTables.ST_TABLE_ACCESSOR).size());
    AlgebraicValue.Product client = rows(view, SystemTables.ST_TABLE).get(6);
    assertEquals(7, number(client, 0));
    assertEquals("st_client", text(client, 1));
    assertEquals("system", text(client, 2));
    assertEquals("public", text(client, 3));
    assertEquals(AlgebraicValue.none(), client.elements().get(4));
    List<String> indexes =
        rows(view, SystemTables.ST_INDEX).stream()
            .map(row -> number(row, 0) + " " + text(row, 2))
            .toList();
    assertTrue(indexes.contains("1 st_table_table_id_idx_btree"), indexes.toString());
    assertTrue(indexes.contains("20 st_view_sub_view_id_arg_id_identity_idx_btree"));
    assertTrue(indexes.contains("29 st_column_accessor_table_name_accessor_name_idx_btree"));
    assertTrue(indexes.contains("36 st_outbound_msg_stream_id_msg_id_idx_btree"));
    List<String> constraints =
        rows(view, SystemTables.ST_CONSTRAINT).stream()
            .map(row -> number(row, 0) + " " + text(row, 1))
            .toList();
    assertTrue(constraints.contains("25 st_column_accessor_table_name_accessor_name_key"));
    assertTrue(constraints.contains("33 st_outbox_table_id_key"));
  }

  @Test
  void systemSequencesStartAt4096() {
    Datastore store = Datastore.bootstrap(Tables.options());
    for (AlgebraicValue.Product row : rows(store.committed(), SystemTables.ST_SEQUENCE)) {
      assertEquals(1, number(row, 4));
      assertEquals(4097, number(row, 5));
      assertEquals(1, number(row, 6));
      assertEquals(Primitive.I128.maximum(), ((AlgebraicValue.Int) row.elements().get(7)).value());
      assertEquals(4096, number(row, 8));
    }
    Transaction tx = store.begin();
    int first = tx.createTable(Tables.table("first").column("a", Primitive.U8).build());
    int second = tx.createTable(Tables.table("second").column("a", Primitive.U8).build());
    assertEquals(List.of(4096, 4097), List.of(first, second));
    assertEquals(4098, number(rows(tx, SystemTables.ST_SEQUENCE).getFirst(), 8));
    assertEquals(4096, number(rows(store.committed(), SystemTables.ST_SEQUENCE).getFirst(), 8));
    tx.rollback();
    assertEquals(4096, number(rows(store.committed(), SystemTables.ST_SEQUENCE).getFirst(), 8));
  }

  private static TableDef rich() {
    TableDef def =
        Tables.table("rich")
            .column("id", Primitive.U64)
            .column("name", Primitive.STRING)
            .column("at", dev.dormouse.sats.SpecialType.SCHEDULE_AT)
            .column("kind", Primitive.U8)
            .primaryKey(0)
            .unique(1, 3)
            .btree(3, 1)
            .hash(1)
            .direct(3)
            .sequence(0)
            .build();
    return new TableDef(
        def.name(),
        def.accessor(),
        false,
        false,
        def.columns(),
        def.primaryKey(),
        def.indexes(),
        def.uniques(),
        def.sequences(),
        Optional.of(
            new TableDef.ScheduleDef("rich_sched", 2, "tick", TableDef.FunctionKind.REDUCER)),
        Optional.empty(),
        0);
  }

  @Test
  void rowsOfANewTableSayWhatItIs() {
    Datastore store = Datastore.bootstrap(Tables.options());
    Transaction tx = store.begin();
    int id = tx.createTable(rich());
    int event =
        tx.createTable(Tables.table("news").column("text", Primitive.STRING).event().build());
    List<TableSchema> created = List.of(tx.table(id).orElseThrow(), tx.table(event).orElseThrow());
    assertEquals(created, SchemaReader.userTables(tx));
    assertTrue(store.committed().table(id).isEmpty(), "not yet committed");
    assertEquals(26, store.committed().tables().size());
    tx.merge();
    assertEquals(created, SchemaReader.userTables(store.committed()));
    assertEquals(created, store.committed().tables().subList(26, 28));
    assertEquals(id, store.committed().tableId("rich").orElseThrow());
    assertEquals(id, store.committed().tableId("richAccessor").orElseThrow());
    TableSchema schema = created.getFirst();
    assertEquals(
        List.of(true, true, false, false),
        schema.indexes().stream().map(IndexSchema::unique).toList(),
        "an index is unique if a constraint has the same set of columns");
    IndexSchema alias = schema.indexes().get(1);
    assertEquals(alias.id(), store.committed().indexId(alias.name()).orElseThrow());
    assertEquals(alias.id(), store.committed().indexId(alias.alias()).orElseThrow());
  }

  @Test
  void aNameIsTakenOnce() {
    Datastore store = Datastore.bootstrap(Tables.options());
    Transaction tx = store.begin();
    tx.createTable(Tables.table("twice").column("a", Primitive.U8).build());
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> tx.createTable(Tables.table("twice").column("b", Primitive.U8).build()));
    assertEquals(EngineException.Code.TENANT, refused.code());
    tx.rollback();
    assertEquals(26, store.committed().tables().size());
    assertTrue(store.committed().tableId("twice").isEmpty());
  }

  @Test
  void anEmptyDatabaseTakesLittleHeap() {
    Datastore store = Datastore.bootstrap(Tables.options());
    assertTrue(store.heapBytes() < 100_000, store.heapBytes() + " bytes");
  }
}
