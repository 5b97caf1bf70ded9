package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.ColumnSchema;
import dev.dormouse.datastore.TableSchema.ConstraintSchema;
import dev.dormouse.datastore.TableSchema.ScheduleSchema;
import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.TypeCodec;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.IndexAlgorithm;
import dev.dormouse.sats.module.OutboxDef;
import dev.dormouse.sats.module.TableDef;
import dev.dormouse.sats.module.ViewDef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Creates, alters and drops tables within a transaction: ids, system rows, and the tables
 * themselves.
 *
 * <p>System rows are the truth: what is done to tables here is what {@link SchemaReader} would make
 * of them after a restart. Source: spec host-semantics §6.3, §10.2, §14.2.
 */
final class SchemaChange {
  private static final String ARGUMENT_HASH = "arg_hash";

  private final Transaction transaction;
  private final StoreContext context;
  private final SystemRows rows;

  SchemaChange(Transaction transaction, StoreContext context) {
    this.transaction = transaction;
    this.context = context;
    this.rows = new SystemRows(this::insert);
  }

  private void insert(int tableId, BsatnWriter row) {
    Outcome outcome = transaction.insert(tableId, row.array(), 0, row.size());
    if (outcome != Outcome.DONE) {
      throw EngineException.tenant(
          "%s already has an equal name or id (%s)"
              .formatted(SystemTables.ALL.get(tableId - 1).name(), outcome));
    }
  }

  int create(TableDef definition) {
    checkLimits(definition);
    int id = transaction.drawId(SystemTables.TABLE_IDS);
    TableSchema schema = schema(id, definition, Optional.empty());
    rows.describe(schema, true);
    definition.outbox().ifPresent(outbox -> outbox(id, outbox));
    transaction.ownCatalog().add(new Table(schema, context));
    return id;
  }

  private void checkLimits(TableDef definition) {
    DatastoreLimits limits = context.limits;
    String table = definition.name();
    check("tables", transaction.catalog().tableCount() + 1, limits.tablesMax(), table);
    check("columns", definition.columns().size(), limits.columnsPerTableMax(), table);
    check("indexes", definition.indexes().size(), limits.indexesPerTableMax(), table);
    for (TableDef.IndexDef index : definition.indexes()) {
      int columns = index.algorithm().columns().size();
      check("columns in index " + index.name(), columns, limits.columnsPerIndexMax(), table);
    }
  }

  private static void check(String what, int value, int limit, String table) {
    if (value > limit) {
      throw EngineException.tenant(
          "%d %s, limit %d, table %s".formatted(value, what, limit, table));
    }
  }

  /**
   * The schema a table has by its definition. What a schema before it has under the same name and
   * with the same meaning keeps its id; everything else gets a new one.
   */
  private TableSchema schema(int id, TableDef definition, Optional<TableSchema> before) {
    Optional<ScheduleSchema> schedule =
        definition.schedule().map(def -> schedule(def, before.flatMap(TableSchema::schedule)));
    List<ConstraintSchema> oldConstraints = before.map(TableSchema::constraints).orElse(List.of());
    List<IndexSchema> oldIndexes = before.map(TableSchema::indexes).orElse(List.of());
    List<SequenceSchema> oldSequences = before.map(TableSchema::sequences).orElse(List.of());
    List<ConstraintSchema> unnumbered =
        definition.uniques().stream()
            .map(unique -> new ConstraintSchema(0, unique.name(), unique.columns()))
            .toList();
    List<IndexSchema> indexes = new ArrayList<>();
    for (TableDef.IndexDef index : definition.indexes()) {
      IndexAlgorithm algorithm = index.algorithm();
      OptionalInt kept =
          oldIndexes.stream()
              .filter(old -> old.name().equals(index.name()) && old.algorithm().equals(algorithm))
              .mapToInt(IndexSchema::id)
              .findFirst();
      indexes.add(
          new IndexSchema(
              kept.orElseGet(() -> transaction.drawId(SystemTables.INDEX_IDS)),
              id,
              index.name(),
              index.alias(),
              algorithm,
              SchemaReader.isUnique(algorithm.columns(), unnumbered)));
    }
    indexes.sort(Comparator.comparingInt(IndexSchema::id));
    List<ConstraintSchema> constraints = new ArrayList<>();
    for (ConstraintSchema constraint : unnumbered) {
      OptionalInt kept =
          oldConstraints.stream()
              .filter(
                  old ->
                      old.name().equals(constraint.name())
                          && old.columns().equals(constraint.columns()))
              .mapToInt(ConstraintSchema::id)
              .findFirst();
      constraints.add(
          new ConstraintSchema(
              kept.orElseGet(() -> transaction.drawId(SystemTables.CONSTRAINT_IDS)),
              constraint.name(),
              constraint.columns()));
    }
    constraints.sort(Comparator.comparingInt(ConstraintSchema::id));
    List<SequenceSchema> sequences = new ArrayList<>();
    for (TableDef.SequenceDef sequence : definition.sequences()) {
      OptionalInt kept =
          oldSequences.stream()
              .filter(
                  old -> old.name().equals(sequence.name()) && old.column() == sequence.column())
              .mapToInt(SequenceSchema::id)
              .findFirst();
      sequences.add(
          new SequenceSchema(
              kept.orElseGet(() -> transaction.drawId(SystemTables.SEQUENCE_IDS)),
              sequence.name(),
              sequence.column()));
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

  private ScheduleSchema schedule(TableDef.ScheduleDef def, Optional<ScheduleSchema> before) {
    ScheduleSchema wanted =
        new ScheduleSchema(
            before.map(ScheduleSchema::id).orElse(0), def.name(), def.function(), def.atColumn());
    return before.equals(Optional.of(wanted))
        ? wanted
        : new ScheduleSchema(
            transaction.drawId(SystemTables.SCHEDULE_IDS),
            def.name(),
            def.function(),
            def.atColumn());
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

  private Table require(int tableId) {
    Table table = transaction.catalog().table(tableId);
    if (table == null || tableId < SystemTables.FIRST_USER_ID) {
      throw new IllegalStateException("no user table " + tableId);
    }
    return table;
  }

  /** Makes a table what a definition says, with the rows it has. */
  void alter(int tableId, TableDef definition) {
    checkLimits(definition);
    Table before = require(tableId);
    TableSchema schema = schema(tableId, definition, Optional.of(before.schema));
    if (!schema.equals(before.schema)) {
      checkNewSequences(before, schema);
      new SystemRowsDifference(transaction).rewrite(before.schema, schema);
      replace(before, schema);
    }
    rewriteOutbox(tableId, definition);
  }

  private void rewriteOutbox(int tableId, TableDef definition) {
    byte[] key = new BsatnWriter(4).writeI32(tableId).toByteArray();
    transaction.deletePoint(firstIndex(SystemTables.ST_OUTBOX), key, 0, key.length);
    definition.outbox().ifPresent(outbox -> outbox(tableId, outbox));
  }

  private void replace(Table before, TableSchema schema) {
    Table altered = Table.altered(before, schema, context);
    UniqueCheck.check(altered, before.indexes);
    Catalog catalog = transaction.ownCatalog();
    catalog.remove(before);
    catalog.add(altered);
  }

  /** A sequence must not begin where rows already are. Source: host-semantics §14.2. */
  private void checkNewSequences(Table before, TableSchema schema) {
    for (SequenceSchema sequence : schema.sequences()) {
      if (before.schema.sequences().stream().anyMatch(old -> old.id() == sequence.id())) {
        continue;
      }
      AlgebraicType type = before.schema.columns().get(sequence.column()).type();
      boolean signed = type instanceof Primitive primitive && primitive.isSigned();
      int width = before.schema.shape().columnWidth(sequence.column());
      RowCursor cursor = transaction.scan(before);
      while (cursor.next()) {
        int at =
            before.schema.shape().columnOffset(cursor.buffer(), cursor.offset(), sequence.column());
        boolean zero = true;
        for (int i = 0; i < width; i++) {
          zero &= cursor.buffer()[at + i] == 0;
        }
        boolean negative = signed && cursor.buffer()[at + width - 1] < 0;
        if (!zero && !negative) {
          throw EngineException.tenant(
              "sequence %s cannot be added: a row of table %s holds a value from its range"
                  .formatted(sequence.name(), schema.name()));
        }
      }
    }
  }

  /**
   * Replaces a table by one with more columns at the end, whose defaults fill the rows that are
   * there; sequences go on where they stand.
   */
  int addColumns(int tableId, TableDef definition) {
    Table before = require(tableId);
    BsatnWriter defaults = new BsatnWriter();
    for (int i = before.schema.columns().size(); i < definition.columns().size(); i++) {
      TableDef.ColumnDef column = definition.columns().get(i);
      defaults.writeRaw(
          column
              .defaultValue()
              .orElseThrow(
                  () ->
                      EngineException.tenant(
                          "column %s of table %s has no default value"
                              .formatted(column.name(), definition.name())))
              .toByteArray());
    }
    List<byte[]> old = new ArrayList<>();
    RowCursor cursor = transaction.scan(before);
    while (cursor.next()) {
      before.overlay.charge(cursor.length() + 32L);
      BsatnWriter row = new BsatnWriter(cursor.length() + defaults.size());
      row.writeRaw(cursor.buffer(), cursor.offset(), cursor.length());
      old.add(row.writeRaw(defaults.array(), 0, defaults.size()).array());
    }
    SequenceState[] positions = before.sequences;
    drop(tableId);
    int id = create(definition);
    Table after = require(id);
    for (byte[] row : old) {
      // A value of 0 in a sequence column is data here, not the wish for a number.
      after.overlay.insertAsIs(row);
    }
    for (SequenceState sequence : after.sequences) {
      for (SequenceState position : positions) {
        if (position.schema.name().equals(sequence.schema.name())) {
          sequence.moveTo(position.high(), position.low());
        }
      }
    }
    return id;
  }

  void drop(int tableId) {
    Table table = require(tableId);
    new SystemRowsDifference(transaction).remove(table.schema);
    byte[] key = new BsatnWriter(4).writeI32(tableId).toByteArray();
    transaction.deletePoint(firstIndex(SystemTables.ST_OUTBOX), key, 0, key.length);
    table.overlay.drop();
    transaction.ownCatalog().remove(table);
  }

  /** Creates a view's description and the table that holds its rows; returns the view's id. */
  int createView(ViewDef view, Typespace typespace) {
    List<ColumnSchema> columns = new ArrayList<>();
    columns.add(new ColumnSchema(ARGUMENT_HASH, ARGUMENT_HASH, Primitive.U256));
    view.columns()
        .forEach(
            column ->
                columns.add(new ColumnSchema(column.name(), column.accessor(), column.type())));
    int tableId = transaction.drawId(SystemTables.TABLE_IDS);
    int viewId = transaction.drawId(SystemTables.VIEW_IDS);
    List<IndexSchema> indexes = new ArrayList<>();
    List<ConstraintSchema> constraints = new ArrayList<>();
    indexes.add(viewIndex(tableId, view.name() + "_" + ARGUMENT_HASH, List.of(0), false));
    if (view.primaryKey().isPresent()) {
      int key = view.primaryKey().getAsInt();
      String name = view.name() + "_" + ARGUMENT_HASH + "_" + view.columns().get(key).name();
      indexes.add(viewIndex(tableId, name, List.of(0, key + 1), true));
      constraints.add(
          new ConstraintSchema(
              transaction.drawId(SystemTables.CONSTRAINT_IDS), name + "_key", List.of(0, key + 1)));
    }
    TableSchema schema =
        new TableSchema(
            new TableSchema.Parts(
                tableId,
                view.name(),
                view.sourceName(),
                TableSchema.Kind.USER,
                view.isPublic(),
                false,
                OptionalInt.of(viewId),
                columns,
                OptionalInt.empty(),
                indexes,
                constraints,
                List.of(),
                Optional.empty()));
    check(
        "tables", transaction.catalog().tableCount() + 1, context.limits.tablesMax(), view.name());
    rows.describe(schema, true);
    insert(
        SystemTables.ST_VIEW,
        new BsatnWriter(64)
            .writeI32(viewId)
            .writeString(view.name())
            .writeTag(0)
            .writeI32(tableId)
            .writeBool(true)
            .writeBool(view.isAnonymous()));
    for (int i = 0; i < view.params().elements().size(); i++) {
      viewPart(
          SystemTables.ST_VIEW_PARAM,
          viewId,
          i,
          view.canonicalParamNames().get(i),
          view.params().elements().get(i).type());
    }
    List<AlgebraicType.Member> members =
        ((AlgebraicType.Product) typespace.get(new AlgebraicType.Ref(view.rowTypeRef())))
            .elements();
    for (int i = 0; i < members.size(); i++) {
      viewPart(
          SystemTables.ST_VIEW_COLUMN,
          viewId,
          i,
          view.columns().get(i).name(),
          members.get(i).type());
    }
    transaction.ownCatalog().add(new Table(schema, context));
    return viewId;
  }

  private IndexSchema viewIndex(int tableId, String start, List<Integer> columns, boolean unique) {
    String name = start + "_idx_btree";
    return new IndexSchema(
        transaction.drawId(SystemTables.INDEX_IDS),
        tableId,
        name,
        name,
        new IndexAlgorithm.BTree(columns),
        unique);
  }

  private void viewPart(int tableId, int viewId, int position, String name, AlgebraicType type) {
    insert(
        tableId,
        new BsatnWriter(64)
            .writeI32(viewId)
            .writeU16(position)
            .writeString(name)
            .writeBytes(TypeCodec.toBytes(type)));
  }

  /** Drops a view's description and its table. */
  void dropView(int viewId) {
    Table table =
        transaction.catalog().tables().stream()
            .filter(candidate -> candidate.schema.view().equals(OptionalInt.of(viewId)))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no view " + viewId));
    byte[] key = new BsatnWriter(4).writeI32(viewId).toByteArray();
    IndexRange prefix = new IndexRange().prefix(1, key, 0, key.length);
    transaction.deletePoint(firstIndex(SystemTables.ST_VIEW), key, 0, key.length);
    transaction.deleteRange(firstIndex(SystemTables.ST_VIEW_PARAM), prefix);
    transaction.deleteRange(firstIndex(SystemTables.ST_VIEW_COLUMN), prefix);
    drop(table.schema.id());
  }

  private static int firstIndex(int systemTable) {
    return SystemTables.ALL.get(systemTable - 1).indexes().getFirst().id();
  }
}
