package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.ColumnSchema;
import dev.dormouse.datastore.TableSchema.ConstraintSchema;
import dev.dormouse.datastore.TableSchema.ScheduleSchema;
import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.module.OutboxDef;
import dev.dormouse.sats.module.TableDef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Creates tables within a transaction: ids, system rows, an empty table. */
final class TableCreation {
  private final Transaction transaction;
  private final StoreContext context;
  private final SystemRows rows;

  TableCreation(Transaction transaction, StoreContext context) {
    this.transaction = transaction;
    this.context = context;
    this.rows = new SystemRows(this::insert);
  }

  private void insert(int tableId, BsatnWriter row) {
    Outcome outcome = transaction.insert(tableId, row.array(), 0, row.size());
    if (!outcome.isDone()) {
      throw EngineException.tenant(
          "%s already has an equal name or id (%s)"
              .formatted(SystemTables.ALL.get(tableId - 1).name(), outcome));
    }
  }

  int create(TableDef definition) {
    checkLimits(definition);
    TableSchema schema = schema(definition);
    rows.describe(schema, true);
    definition.outbox().ifPresent(outbox -> outbox(schema.id(), outbox));
    transaction.ownCatalog().add(new Table(schema, context));
    return schema.id();
  }

  private void checkLimits(TableDef definition) {
    DatastoreLimits limits = context.limits;
    check("tables", transaction.catalog().tableCount() + 1, limits.tablesMax(), definition);
    check("columns", definition.columns().size(), limits.columnsPerTableMax(), definition);
    check("indexes", definition.indexes().size(), limits.indexesPerTableMax(), definition);
    for (TableDef.IndexDef index : definition.indexes()) {
      check(
          "columns in index " + index.name(),
          index.algorithm().columns().size(),
          limits.columnsPerIndexMax(),
          definition);
    }
  }

  private static void check(String what, int value, int limit, TableDef definition) {
    if (value > limit) {
      throw EngineException.tenant(
          "%d %s, limit %d, table %s".formatted(value, what, limit, definition.name()));
    }
  }

  private TableSchema schema(TableDef definition) {
    int id = transaction.drawId(SystemTables.TABLE_IDS);
    Optional<ScheduleSchema> schedule =
        definition
            .schedule()
            .map(
                def ->
                    new ScheduleSchema(
                        transaction.drawId(SystemTables.SCHEDULE_IDS),
                        def.name(),
                        def.function(),
                        def.atColumn()));
    List<ConstraintSchema> unnumbered =
        definition.uniques().stream()
            .map(unique -> new ConstraintSchema(0, unique.name(), unique.columns()))
            .toList();
    List<IndexSchema> indexes = new ArrayList<>();
    for (TableDef.IndexDef index : definition.indexes()) {
      indexes.add(
          new IndexSchema(
              transaction.drawId(SystemTables.INDEX_IDS),
              id,
              index.name(),
              index.alias(),
              index.algorithm(),
              SchemaReader.isUnique(index.algorithm().columns(), unnumbered)));
    }
    List<ConstraintSchema> constraints = new ArrayList<>();
    for (ConstraintSchema constraint : unnumbered) {
      constraints.add(
          new ConstraintSchema(
              transaction.drawId(SystemTables.CONSTRAINT_IDS),
              constraint.name(),
              constraint.columns()));
    }
    List<SequenceSchema> sequences = new ArrayList<>();
    for (TableDef.SequenceDef sequence : definition.sequences()) {
      sequences.add(
          new SequenceSchema(
              transaction.drawId(SystemTables.SEQUENCE_IDS), sequence.name(), sequence.column()));
    }
    sequences.sort(Comparator.comparingInt(SequenceSchema::column));
    return new TableSchema(
        new TableSchema.Parts(
            id,
            definition.name(),
            definition.accessor(),
            TableSchema.Kind.USER,
            definition.isPublic(),
            definition.isEvent(),
            OptionalInt.empty(),
            definition.columns().stream()
                .map(column -> new ColumnSchema(column.name(), column.accessor(), column.type()))
                .toList(),
            definition.primaryKey(),
            indexes,
            constraints,
            sequences,
            schedule));
  }

  private void outbox(int tableId, OutboxDef outbox) {
    BsatnWriter row = new BsatnWriter(128);
    row.writeI32(tableId)
        .writeString(outbox.remoteReducer())
        .writeU16(outbox.targetColumn())
        .writeI32(outbox.argColumns().size());
    outbox.argColumns().forEach(row::writeU16);
    if (outbox.onResultReducer().isPresent()) {
      row.writeTag(0).writeString(outbox.onResultReducer().get());
    } else {
      row.writeTag(1);
    }
    row.writeString(outbox.signatureHash().toHex());
    insert(SystemTables.ST_OUTBOX, row);
  }
}
