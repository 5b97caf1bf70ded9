package dev.dormouse.datastore;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a transaction has done, net. Valid until its merge or rollback.
 *
 * <p>Until then the transaction reads as the state after it and {@link Datastore#committed()} as
 * the state before.
 */
public final class TxChanges {
  private static final int TABLES_KEPT = 64;
  private static final int TABLE_BYTES = 16;
  private static final int ROW_BYTES = 4;
  private static final int SEQUENCE_BYTES = 24;

  /** Takes the sequences that were drawn from. */
  @FunctionalInterface
  public interface SequenceVisitor {
    /** The next value of a sequence: an i128 in two halves. */
    void sequence(int sequenceId, long high, long low);
  }

  private final Overlay overlay;
  private TableChanges[] tables = new TableChanges[4];
  private int tableCount;
  private int sequenceCount;
  private long encodedBytes;
  private long liveBytesGrowth;

  /** The last write taken into account, or -1. */
  private int computedThrough = -1;

  private int computedTables;

  TxChanges(Overlay overlay) {
    this.overlay = overlay;
  }

  void compute() {
    if (computedThrough == overlay.sequence && computedTables == overlay.touchedCount) {
      return;
    }
    overlay.sortTouched();
    tableCount = 0;
    sequenceCount = 0;
    encodedBytes = 0;
    liveBytesGrowth = 0;
    for (int i = 0; i < overlay.touchedCount; i++) {
      TableOverlay touched = overlay.touched[i];
      if (touched.isDropped()) {
        liveBytesGrowth -= touched.table().liveBytes;
        continue;
      }
      TableChanges changes = touched.changes();
      changes.compute();
      for (SequenceState sequence : touched.table().sequences) {
        if (sequence.isDrawn()) {
          sequenceCount++;
          encodedBytes += SEQUENCE_BYTES;
        }
      }
      int rows = changes.insertedCount() + changes.deletedCount();
      if (rows > 0) {
        if (tableCount == tables.length) {
          tables = Arrays.copyOf(tables, 2 * tableCount);
        }
        tables[tableCount++] = changes;
        encodedBytes +=
            TABLE_BYTES
                + (long) rows * ROW_BYTES
                + changes.insertedBytes()
                + changes.deletedBytes();
        if (!changes.schema().isEvent()) {
          liveBytesGrowth += changes.insertedBytes() - changes.deletedBytes();
        }
      }
    }
    computedThrough = overlay.sequence;
    computedTables = overlay.touchedCount;
  }

  void reset(boolean forgetTables) {
    computedThrough = -1;
    if (forgetTables || tables.length > TABLES_KEPT) {
      tables = new TableChanges[4];
    }
    tableCount = 0;
    sequenceCount = 0;
  }

  /** Whether no row and no sequence was changed. */
  public boolean isEmpty() {
    return tableCount == 0 && sequenceCount == 0;
  }

  /** How many tables have changed rows. */
  public int tableCount() {
    return tableCount;
  }

  /** The changes of one table, in ascending order of table ids. */
  public TableChanges table(int i) {
    return tables[Objects.checkIndex(i, tableCount)];
  }

  /** How many sequences were drawn from. */
  public int sequenceCount() {
    return sequenceCount;
  }

  /** Shows the sequences that were drawn from, in ascending order of table ids and columns. */
  public void forEachSequence(SequenceVisitor visitor) {
    for (int i = 0; i < overlay.touchedCount; i++) {
      TableOverlay touched = overlay.touched[i];
      if (touched.isDropped()) {
        continue;
      }
      for (SequenceState sequence : touched.table().sequences) {
        if (sequence.isDrawn()) {
          visitor.sequence(sequence.schema.id(), sequence.high(), sequence.low());
        }
      }
    }
  }

  /** About how many bytes a record of these changes takes. */
  public long encodedBytes() {
    return encodedBytes;
  }

  /** By how many bytes the committed rows will grow. */
  long liveBytesGrowth() {
    return liveBytesGrowth;
  }
}
