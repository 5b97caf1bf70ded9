package dev.dormouse.datastore;

import dev.dormouse.sats.EngineException;
import java.util.Arrays;

/**
 * Applies the effects of one committed transaction to the committed state.
 *
 * <p>Calls come table by table in ascending order of ids, deletions before insertions within a
 * table, sequences in any order; {@link #end} closes the record. Rows of system tables come first
 * thereby, and what they say about tables takes effect before the first row of a user table.
 * Recovery is over if anything is refused.
 */
public final class Replay {
  private final Datastore store;
  private boolean schemaTouched;
  private int tableId;
  private long bytes;
  private int sequenceCount;
  private int[] sequenceIds = new int[8];
  private long[] sequenceValues = new long[16];

  Replay(Datastore store) {
    this.store = store;
  }

  private Table table(int id) {
    if (id < tableId) {
      throw EngineException.operator(
          "record has rows of table %d behind those of table %d".formatted(id, tableId));
    }
    tableId = id;
    store.replaying();
    if (schemaTouched && id >= SystemTables.FIRST_USER_ID) {
      reload();
    }
    Table table = store.catalog().table(id);
    if (table == null) {
      throw EngineException.operator("record has rows of table %d, there is none".formatted(id));
    }
    schemaTouched |= SystemTables.bearsSchema(id);
    return table;
  }

  private void reload() {
    schemaTouched = false;
    store.reloadSchema();
  }

  /** A row that was deleted. */
  public void delete(int fromTable, byte[] row, int offset, int length) {
    Table table = table(fromTable);
    check(table, row, offset, length);
    int pointer = table.findRow(row, offset, length);
    if (pointer < 0) {
      throw EngineException.operator(
          "record deletes a row of table %s that is not there".formatted(table.schema.name()));
    }
    table.pages.ownPageOf(pointer);
    table.removeCommitted(pointer);
    store.grown(-length);
  }

  /** A row that was inserted; one of an event table has no effect. */
  public void insert(int intoTable, byte[] row, int offset, int length) {
    Table table = table(intoTable);
    if (table.schema.isEvent()) {
      return;
    }
    check(table, row, offset, length);
    for (Index unique : table.unique) {
      if (unique.find(row, offset, length) >= 0) {
        throw EngineException.operator(
            "record inserts a row into table %s that is there".formatted(table.schema.name()));
      }
    }
    table.insertCommitted(row, offset, length);
    store.grown(length);
    bytes += length;
  }

  private static void check(Table table, byte[] row, int offset, int length) {
    if (table.schema.shape().validate(row, offset, offset + length) != offset + length) {
      throw EngineException.operator(
          "record has a row of %d bytes that is none of table %s"
              .formatted(length, table.schema.name()));
    }
  }

  /** Where a sequence has come to: an i128 in two halves. */
  public void sequence(int sequenceId, long high, long low) {
    if (sequenceCount == sequenceIds.length) {
      sequenceIds = Arrays.copyOf(sequenceIds, 2 * sequenceCount);
      sequenceValues = Arrays.copyOf(sequenceValues, 4 * sequenceCount);
    }
    sequenceIds[sequenceCount] = sequenceId;
    sequenceValues[2 * sequenceCount] = high;
    sequenceValues[2 * sequenceCount + 1] = low;
    sequenceCount++;
  }

  /** The record is complete. */
  public void end() {
    if (schemaTouched) {
      reload();
    }
    for (int i = 0; i < sequenceCount; i++) {
      store.restoreSequence(
          "record", sequenceIds[i], sequenceValues[2 * i], sequenceValues[2 * i + 1]);
    }
    sequenceCount = 0;
    tableId = 0;
    store.replayed(bytes);
    bytes = 0;
  }
}
