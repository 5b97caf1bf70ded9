package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.ColumnSchema;
import dev.dormouse.datastore.TableSchema.ConstraintSchema;
import dev.dormouse.datastore.TableSchema.ScheduleSchema;
import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.TypeCodec;
import dev.dormouse.sats.module.IndexAlgorithm;
import java.util.List;

/**
 * The rows of system tables that describe one table, as BSATN. Source: spec host-semantics §6.3,
 * §7.
 */
final class SystemRows {
  /** Takes the rows one after another; the writer holds one row. */
  interface Sink {
    void row(int tableId, BsatnWriter row);
  }

  /** Tags of {@link SystemTables#ALGORITHM}. */
  static final int BTREE = 1;

  static final int DIRECT = 2;
  static final int HASH = 3;

  /** Tag of {@link SystemTables#CONSTRAINT}. */
  static final int UNIQUE = 1;

  /** Bytes at the end of a row of st_sequence: the column {@code allocated}. */
  static final int ALLOCATED_BYTES = 16;

  private final Sink sink;
  private final BsatnWriter row = new BsatnWriter(256);

  SystemRows(Sink sink) {
    this.sink = sink;
  }

  private BsatnWriter start() {
    row.reset();
    return row;
  }

  /** All rows of a table, in the order of their creation. */
  void describe(TableSchema schema, boolean withAccessors) {
    table(schema);
    if (withAccessors) {
      accessor(SystemTables.ST_TABLE_ACCESSOR, schema.name(), schema.accessor());
    }
    for (int i = 0; i < schema.columns().size(); i++) {
      ColumnSchema column = schema.columns().get(i);
      column(schema.id(), i, column);
      if (withAccessors) {
        columnAccessor(schema.name(), column);
      }
    }
    schema.schedule().ifPresent(schedule -> schedule(schema.id(), schedule));
    if (schema.isEvent()) {
      sink.row(SystemTables.ST_EVENT_TABLE, start().writeI32(schema.id()));
    }
    for (IndexSchema index : schema.indexes()) {
      index(index);
      if (withAccessors) {
        accessor(SystemTables.ST_INDEX_ACCESSOR, index.name(), index.alias());
      }
    }
    for (ConstraintSchema constraint : schema.constraints()) {
      constraint(schema.id(), constraint);
    }
    for (SequenceSchema sequence : schema.sequences()) {
      sequence(schema, sequence);
    }
  }

  void table(TableSchema schema) {
    start()
        .writeI32(schema.id())
        .writeString(schema.name())
        .writeString(schema.kind() == TableSchema.Kind.SYSTEM ? "system" : "user")
        .writeString(schema.isPublic() ? "public" : "private");
    if (schema.primaryKey().isPresent()) {
      row.writeTag(0).writeI32(1).writeU16(schema.primaryKey().getAsInt());
    } else {
      row.writeTag(1);
    }
    sink.row(SystemTables.ST_TABLE, row);
  }

  void accessor(int tableId, String name, String accessor) {
    sink.row(tableId, start().writeString(name).writeString(accessor));
  }

  void column(int tableId, int position, ColumnSchema column) {
    sink.row(
        SystemTables.ST_COLUMN,
        start()
            .writeI32(tableId)
            .writeU16(position)
            .writeString(column.name())
            .writeBytes(TypeCodec.toBytes(column.type())));
  }

  void columnAccessor(String table, ColumnSchema column) {
    sink.row(
        SystemTables.ST_COLUMN_ACCESSOR,
        start().writeString(table).writeString(column.name()).writeString(column.accessor()));
  }

  void schedule(int tableId, ScheduleSchema schedule) {
    sink.row(
        SystemTables.ST_SCHEDULED,
        start()
            .writeI32(schedule.id())
            .writeI32(tableId)
            .writeString(schedule.function())
            .writeString(schedule.name())
            .writeU16(schedule.atColumn()));
  }

  void index(IndexSchema index) {
    start().writeI32(index.id()).writeI32(index.tableId()).writeString(index.name());
    switch (index.algorithm()) {
      case IndexAlgorithm.BTree(var columns) -> {
        row.writeTag(BTREE);
        columns(columns);
      }
      case IndexAlgorithm.Direct(int column) -> row.writeTag(DIRECT).writeU16(column);
      case IndexAlgorithm.Hash(var columns) -> {
        row.writeTag(HASH);
        columns(columns);
      }
    }
    sink.row(SystemTables.ST_INDEX, row);
  }

  private void columns(List<Integer> columns) {
    row.writeI32(columns.size());
    columns.forEach(row::writeU16);
  }

  void constraint(int tableId, ConstraintSchema constraint) {
    start()
        .writeI32(constraint.id())
        .writeString(constraint.name())
        .writeI32(tableId)
        .writeTag(UNIQUE);
    columns(constraint.columns());
    sink.row(SystemTables.ST_CONSTRAINT, row);
  }

  void sequence(TableSchema schema, SequenceSchema sequence) {
    boolean system = schema.kind() == TableSchema.Kind.SYSTEM;
    start()
        .writeI32(sequence.id())
        .writeString(sequence.name())
        .writeI32(schema.id())
        .writeU16(sequence.column());
    i128(1);
    i128(system ? SystemTables.FIRST_USER_ID + 1 : 1);
    i128(1);
    row.writeI64(-1).writeI64(Long.MAX_VALUE);
    i128(system ? SystemTables.FIRST_USER_ID : 1);
    sink.row(SystemTables.ST_SEQUENCE, row);
  }

  private void i128(long value) {
    row.writeI64(value).writeI64(value >> 63);
  }
}
