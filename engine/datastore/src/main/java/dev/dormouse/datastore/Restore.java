package dev.dormouse.datastore;

import dev.dormouse.sats.EngineException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Fills a store from a snapshot: rows table by table in ascending order of ids, sequences in any
 * order, then {@link #finish}. Indexes are built in bulk, each when its table is complete.
 *
 * <p>What the rows of the system tables say about tables takes effect before the first row of a
 * user table. Refuses, for the node's operator, what cannot have come from a capture.
 */
public final class Restore {
  private final Datastore store;
  private @Nullable Table current;
  private boolean schemaLoaded;

  private int positions;
  private int[] sequenceIds = new int[16];
  private long[] sequenceValues = new long[32];

  Restore(Datastore store) {
    this.store = store;
  }

  /** A row. */
  public void row(int tableId, byte[] row, int offset, int length) {
    Table table = current;
    if (table == null || table.schema.id() != tableId) {
      table = start(tableId);
    }
    if (table.schema.shape().validate(row, offset, offset + length) != offset + length) {
      throw EngineException.operator(
          "snapshot has a row of %d bytes that is none of table %s"
              .formatted(length, table.schema.name()));
    }
    int pointer = table.pages.append(length);
    table.pages.publish(pointer, row, offset, length);
    table.rowCount++;
    table.liveBytes += length;
    store.grown(length);
  }

  private Table start(int tableId) {
    Table before = current;
    if (before != null) {
      if (before.schema.id() > tableId) {
        throw EngineException.operator(
            "snapshot has rows of table %d behind those of table %d"
                .formatted(tableId, before.schema.id()));
      }
      before.buildIndexes("snapshot");
      store.filled();
    }
    current = null;
    if (tableId >= SystemTables.FIRST_USER_ID) {
      loadSchema();
    }
    Table table = store.catalog().table(tableId);
    if (table == null) {
      throw EngineException.operator(
          "snapshot has rows of table %d, there is none".formatted(tableId));
    }
    current = table;
    return table;
  }

  private void loadSchema() {
    if (!schemaLoaded) {
      schemaLoaded = true;
      store.reloadSchema();
    }
  }

  /** A sequence's next value: an i128 in two halves. */
  public void sequence(int sequenceId, long high, long low) {
    if (positions == sequenceIds.length) {
      sequenceIds = Arrays.copyOf(sequenceIds, 2 * positions);
      sequenceValues = Arrays.copyOf(sequenceValues, 4 * positions);
    }
    sequenceIds[positions] = sequenceId;
    sequenceValues[2 * positions] = high;
    sequenceValues[2 * positions + 1] = low;
    positions++;
  }

  /** Gives up: the store is let go. */
  public void abandon() {
    store.close();
  }

  /** The store; this must not be used any more. */
  public Datastore finish() {
    Table last = current;
    if (last != null) {
      last.buildIndexes("snapshot");
    }
    current = null;
    loadSchema();
    for (int i = 0; i < positions; i++) {
      store.restoreSequence(
          "snapshot", sequenceIds[i], sequenceValues[2 * i], sequenceValues[2 * i + 1]);
    }
    store.filled();
    store.replayed(0);
    return store;
  }
}
