package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.TableDef;
import dev.dormouse.sats.module.ViewDef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every change is also replayed into a second store, which must end up the same. */
final class SchemaChangeTest {
  private final Datastore store = Datastore.bootstrap(Tables.options());
  private final Datastore replica = Datastore.bootstrap(Tables.options());

  private void run(Consumer<Transaction> work) {
    Transaction tx = store.begin();
    work.accept(tx);
    assertEquals(
        tx.tables().stream().filter(t -> t.id() >= SystemTables.FIRST_USER_ID).toList(),
        SchemaReader.userTables(tx),
        "the tables are what the system rows say");
    Replay replay = replica.replay();
    TxChanges changes = tx.changes();
    for (int i = 0; i < changes.tableCount(); i++) {
      int id = changes.table(i).schema().id();
      changes
          .table(i)
          .forEachDeleted((b, o, l) -> replay.delete(id, Arrays.copyOfRange(b, o, o + l), 0, l));
      changes
          .table(i)
          .forEachInserted((b, o, l) -> replay.insert(id, Arrays.copyOfRange(b, o, o + l), 0, l));
    }
    changes.forEachSequence(replay::sequence);
    replay.end();
    tx.merge();
  }

  @AfterEach
  void replicaIsTheSame() {
    ReadView a = store.committed();
    ReadView b = replica.committed();
    assertEquals(a.tables(), b.tables());
    for (TableSchema table : a.tables()) {
      assertEquals(rows(a, table.id()), rows(b, table.id()), table.name());
    }
    assertEquals(store.liveBytes(), replica.liveBytes());
  }

  private static Set<String> rows(ReadView view, int table) {
    RowCursor cursor = assertInstanceOf(RowCursor.class, view.scan(table));
    Set<String> rows = new HashSet<>();
    while (cursor.next()) {
      rows.add(
          HexFormat.of()
              .formatHex(cursor.buffer(), cursor.offset(), cursor.offset() + cursor.length()));
    }
    return rows;
  }

  private static Tables people() {
    return Tables.table("people")
        .column("id", Primitive.U32)
        .column("name", Primitive.STRING)
        .primaryKey(0)
        .sequence(0);
  }

  private static byte[] person(int id, String name) {
    return new BsatnWriter().writeI32(id).writeString(name).toByteArray();
  }

  private int createPeople() {
    int[] id = new int[1];
    run(
        tx -> {
          id[0] = tx.createTable(people().build());
          for (String name : List.of("ada", "bob", "cid")) {
            byte[] row = person(0, name);
            assertEquals(Outcome.DONE, tx.insert(id[0], row, 0, row.length));
          }
        });
    return id[0];
  }

  private static int count(ReadView view, int index, byte[] key) {
    RowCursor cursor = assertInstanceOf(RowCursor.class, view.point(index, key, 0, key.length));
    int count = 0;
    while (cursor.next()) {
      count++;
    }
    return count;
  }

  @Test
  void anIndexAddedFindsRowsThatWereThereAndThoseOfItsTransaction() {
    int table = createPeople();
    byte[] name = new BsatnWriter().writeString("bob").toByteArray();
    run(
        tx -> {
          for (int i = 0; i < 20; i++) {
            byte[] row = person(0, i % 10 == 0 ? "bob" : "dan" + i);
            tx.insert(table, row, 0, row.length);
          }
          tx.alterTable(table, people().btree(1).build());
          int index = tx.indexId("people_name_idx_btree").orElseThrow();
          assertEquals(3, count(tx, index, name));
        });
    int index = store.committed().indexId("people_name_idx_btree").orElseThrow();
    assertEquals(3, count(store.committed(), index, name));
    assertEquals(3, count(replica.committed(), index, name));
    run(tx -> tx.alterTable(table, people().build()));
    assertTrue(store.committed().indexId("people_name_idx_btree").isEmpty());
  }

  @Test
  void aUniqueIndexIsRefusedWhereRowsAreEqualAndAllElseStays() {
    int table = createPeople();
    Transaction tx = store.begin();
    byte[] row = person(0, "ada");
    tx.insert(table, row, 0, row.length);
    EngineException refused =
        assertThrows(
            EngineException.class, () -> tx.alterTable(table, people().unique(1).btree(1).build()));
    assertEquals(EngineException.Code.TENANT, refused.code());
    tx.rollback();
    run(next -> next.alterTable(table, people().unique(1).hash(1).build()));
    Transaction after = store.begin();
    assertEquals(Outcome.UNIQUE_ALREADY_EXISTS, after.insert(table, row, 0, row.length));
    after.rollback();
  }

  @Test
  void anAlterationRolledBackLeavesNoTrace() {
    int table = createPeople();
    TableSchema before = store.committed().table(table).orElseThrow();
    for (boolean prepare : new boolean[] {false, true}) {
      Transaction tx = store.begin();
      tx.alterTable(table, people().unique(1).btree(1).build());
      byte[] row = person(0, "eve");
      assertEquals(Outcome.DONE, tx.insert(table, row, 0, row.length));
      if (prepare) {
        tx.prepare();
      }
      tx.rollback();
      assertEquals(before, store.committed().table(table).orElseThrow());
      assertEquals(3, rows(store.committed(), table).size());
    }
    run(
        tx -> {
          byte[] row = person(0, "eve");
          assertEquals(Outcome.DONE, tx.insert(table, row, 0, row.length));
          assertEquals(4, tx.generated()[0], "the number was given back");
        });
  }

  @Test
  void accessKeysAndSequencesChangeInPlace() {
    int table = createPeople();
    run(
        tx -> {
          TableDef def = people().build();
          tx.alterTable(
              table,
              new TableDef(
                  def.name(),
                  "Menschen",
                  false,
                  false,
                  def.columns(),
                  OptionalInt.empty(),
                  List.of(),
                  List.of(),
                  List.of(),
                  Optional.empty(),
                  Optional.empty(),
                  0));
        });
    TableSchema schema = store.committed().table(table).orElseThrow();
    assertEquals(
        List.of(false, 0, 0, 0),
        List.of(
            schema.isPublic(),
            schema.indexes().size(),
            schema.constraints().size(),
            schema.sequences().size()));
    assertEquals(table, store.committed().tableId("Menschen").orElseThrow());
    assertTrue(store.committed().tableId("peopleAccessor").isEmpty());
    Transaction same = store.begin();
    byte[] ada = person(1, "ada");
    assertEquals(Outcome.UNCHANGED, same.insert(table, ada, 0, ada.length), "still a set");
    same.rollback();
    Transaction tx = store.begin();
    EngineException refused =
        assertThrows(EngineException.class, () -> tx.alterTable(table, people().build()));
    assertTrue(refused.text().contains("sequence people_id_seq"), refused.text());
    tx.rollback();
  }

  @Test
  void aSumMayGetMoreVariantsEvenIfRowsLoseTheirFixedSize() {
    Sum small =
        new Sum(List.of(Member.of("a", AlgebraicType.UNIT), Member.of("b", AlgebraicType.UNIT)));
    Sum large =
        new Sum(
            List.of(
                Member.of("a", AlgebraicType.UNIT),
                Member.of("b", AlgebraicType.UNIT),
                Member.of("c", Primitive.STRING)));
    int[] table = new int[1];
    run(
        tx -> {
          table[0] =
              tx.createTable(
                  Tables.table("kinds")
                      .column("id", Primitive.U32)
                      .column("kind", small)
                      .primaryKey(0)
                      .btree(1)
                      .build());
          for (int i = 0; i < 300; i++) {
            byte[] row = new BsatnWriter().writeI32(i).writeTag(i & 1).toByteArray();
            tx.insert(table[0], row, 0, row.length);
          }
        });
    TableDef wider =
        Tables.table("kinds")
            .column("id", Primitive.U32)
            .column("kind", large)
            .primaryKey(0)
            .btree(1)
            .build();
    Transaction lost = store.begin();
    lost.alterTable(table[0], wider);
    lost.rollback();
    run(
        tx -> {
          tx.alterTable(table[0], wider);
          byte[] row = new BsatnWriter().writeI32(999).writeTag(2).writeString("x").toByteArray();
          assertEquals(Outcome.DONE, tx.insert(table[0], row, 0, row.length));
        });
    int byKind = store.committed().indexId("kinds_kind_idx_btree").orElseThrow();
    assertEquals(150, count(store.committed(), byKind, new byte[] {1}));
    assertEquals(301, store.committed().rowCount(table[0]).orElseThrow());
  }

  @Test
  void columnsAreAddedWithTheirDefaultsAndSequencesGoOn() {
    int table = createPeople();
    TableDef def = people().build();
    List<TableDef.ColumnDef> columns = new ArrayList<>(def.columns());
    columns.add(
        new TableDef.ColumnDef(
            "age", "age", Primitive.U16, Optional.of(new Bytes(new byte[] {7, 0}))));
    TableDef wider =
        new TableDef(
            def.name(),
            def.accessor(),
            true,
            false,
            columns,
            def.primaryKey(),
            def.indexes(),
            def.uniques(),
            def.sequences(),
            Optional.empty(),
            Optional.empty(),
            0);
    int[] id = new int[1];
    run(
        tx -> {
          byte[] row = person(0, "dan");
          tx.insert(table, row, 0, row.length);
          id[0] = tx.addColumns(table, wider);
          assertTrue(tx.table(table).isEmpty());
        });
    assertTrue(id[0] > table);
    assertTrue(store.committed().table(table).isEmpty());
    assertEquals(4, store.committed().rowCount(id[0]).orElseThrow());
    byte[] ada = new BsatnWriter().writeI32(1).writeString("ada").writeU16(7).toByteArray();
    assertTrue(store.committed().findRow(id[0], ada, 0, ada.length) != ReadView.NO_ROW);
    run(
        tx -> {
          byte[] row = new BsatnWriter().writeI32(0).writeString("eve").writeU16(1).toByteArray();
          tx.insert(id[0], row, 0, row.length);
          assertEquals(5, tx.generated()[0]);
        });
  }

  @Test
  void aTableDroppedIsGoneWithItsRows() {
    int table = createPeople();
    Transaction lost = store.begin();
    lost.dropTable(table);
    assertEquals(Scan.Refused.NO_SUCH_TABLE, lost.scan(table));
    lost.rollback();
    assertEquals(3, rows(store.committed(), table).size());
    run(
        tx -> {
          byte[] row = person(0, "eve");
          tx.insert(table, row, 0, row.length);
          tx.dropTable(table);
        });
    assertEquals(26, store.committed().tables().size());
    int[] again = new int[1];
    run(tx -> again[0] = tx.createTable(people().build()));
    assertTrue(again[0] > table, "ids are not used again");
  }

  @Test
  void anEventTableMayGetOtherColumns() {
    int[] id = new int[1];
    run(
        tx ->
            id[0] = tx.createTable(Tables.table("news").column("a", Primitive.U8).event().build()));
    run(
        tx ->
            tx.alterTable(
                id[0],
                Tables.table("news")
                    .column("text", Primitive.STRING)
                    .column("n", Primitive.U64)
                    .event()
                    .build()));
    assertEquals(2, store.committed().table(id[0]).orElseThrow().columns().size());
  }

  @Test
  void aViewIsDescribedAndHasATableOfItsOwn() {
    Typespace typespace =
        new Typespace(
            List.of(
                AlgebraicType.product(
                    Member.of("id", Primitive.U64), Member.of("name", Primitive.STRING))));
    ViewDef view =
        new ViewDef(
            "my_people",
            "MyPeople",
            0,
            true,
            true,
            AlgebraicType.product(Member.of("least", Primitive.U32)),
            List.of("least"),
            new AlgebraicType.Array(new AlgebraicType.Ref(0)),
            ViewDef.Form.ARRAY,
            0,
            List.of(
                new TableDef.ColumnDef("id", "id", Primitive.U64, Optional.empty()),
                new TableDef.ColumnDef("name", "name", Primitive.STRING, Optional.empty())),
            OptionalInt.of(0));
    int[] id = new int[1];
    run(tx -> id[0] = tx.createView(view, typespace));
    assertEquals(4096, id[0]);
    TableSchema table = store.committed().tableByName("my_people").orElseThrow();
    assertEquals(OptionalInt.of(4096), table.view());
    assertEquals(
        List.of("my_people_arg_hash_idx_btree", "my_people_arg_hash_id_idx_btree"),
        table.indexes().stream().map(IndexSchema::name).toList());
    assertEquals("my_people_arg_hash_id_key", table.constraints().getFirst().name());
    AlgebraicValue.Product column =
        SystemTablesTest.rows(store.committed(), SystemTables.ST_VIEW_COLUMN).stream()
            .filter(row -> row.elements().get(1).equals(AlgebraicValue.Int.of(0)))
            .findFirst()
            .orElseThrow();
    assertEquals(new Bytes(new byte[] {0x0d}), column.elements().get(3), "U64 shows as 0x0d");
    assertEquals(1, SystemTablesTest.rows(store.committed(), SystemTables.ST_VIEW_PARAM).size());
    Capture capture = store.capture();
    assertTrue(capture.tables().stream().noneMatch(t -> t.schema().equals(table)));
    capture.close();
    run(tx -> tx.dropView(id[0]));
    assertEquals(0, SystemTablesTest.rows(store.committed(), SystemTables.ST_VIEW_COLUMN).size());
    assertEquals(26, store.committed().tables().size());
  }
}
