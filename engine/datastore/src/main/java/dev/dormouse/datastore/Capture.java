package dev.dormouse.datastore;

import dev.dormouse.datastore.TxChanges.SequenceVisitor;
import dev.dormouse.sats.MemoryAccount;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The committed state of one moment, to be read by any one thread while the lane goes on writing.
 *
 * <p>Made in microseconds: it shares the pages, and the lane copies a page before it writes to it
 * for the first time afterwards. Rows of event tables and of views are not part of it. Must be
 * closed, by any thread; until then copied pages stay on the heap.
 */
public final class Capture implements AutoCloseable {
  /** A table with its rows. */
  public static final class CapturedTable {
    private final TableSchema schema;
    private final long rowCount;
    private final CapturedPages pages;

    CapturedTable(TableSchema schema, long rowCount, CapturedPages pages) {
      this.schema = schema;
      this.rowCount = rowCount;
      this.pages = pages;
    }

    /** What the table is. */
    public TableSchema schema() {
      return schema;
    }

    /** How many rows it has. */
    public long rowCount() {
      return rowCount;
    }

    /** The pages with rows, in ascending order of numbers; made anew by each call. */
    public List<CapturedPage> pages() {
      return pages.pages();
    }
  }

  /** Some of a table's rows. */
  public static final class CapturedPage {
    private final RowPages layout;
    private final int number;
    private final int generation;
    private final byte[] data;
    private final long[] starts;

    CapturedPage(RowPages layout, int number, int generation, byte[] data, long[] starts) {
      this.layout = layout;
      this.number = number;
      this.generation = generation;
      this.data = data;
      this.starts = starts;
    }

    /** Which page of its table; a later capture of the same store knows it by the same number. */
    public int number() {
      return number;
    }

    /**
     * The capture generation in which the page was last written: if that is not above the {@link
     * Capture#generation} of an earlier capture, the page is the same there.
     */
    public int generation() {
      return generation;
    }

    /** Shows the rows, in an order that depends on the page alone. */
    public void forEachRow(RowVisitor visitor) {
      int slots = starts.length << 6;
      for (int slot = RowPages.nextSet(starts, 0, slots);
          slot < slots;
          slot = RowPages.nextSet(starts, slot + 1, slots)) {
        int length = layout.fixedSize() >= 0 ? layout.fixedSize() : RowPages.lengthIn(data, slot);
        visitor.row(data, layout.offsetOfSlot(slot), length);
      }
    }
  }

  /** Where a sequence stands. */
  private record Position(int sequenceId, long high, long low) {}

  private final int generation;
  private final List<CapturedTable> tables;
  private final List<Position> sequences;
  private final MemoryAccount memory;
  private final AtomicBoolean closed = new AtomicBoolean();

  Capture(int generation, List<Table> captured, MemoryAccount memory) {
    this.generation = generation;
    this.memory = memory;
    this.tables =
        captured.stream()
            .filter(table -> !table.schema.isEvent() && table.schema.view().isEmpty())
            .map(table -> new CapturedTable(table.schema, table.rowCount, table.pages.captured()))
            .toList();
    this.sequences =
        captured.stream()
            .flatMap(table -> List.of(table.sequences).stream())
            .map(
                sequence ->
                    new Position(
                        sequence.schema.id(), sequence.committedHigh(), sequence.committedLow()))
            .toList();
  }

  /** Number of this capture: 1 for the first of a store, then more. */
  public int generation() {
    return generation;
  }

  /** The tables, in ascending order of ids. */
  public List<CapturedTable> tables() {
    return tables;
  }

  /** Shows every sequence's next value, in ascending order of table ids and columns. */
  public void forEachSequence(SequenceVisitor visitor) {
    for (Position position : sequences) {
      visitor.sequence(position.sequenceId, position.high, position.low);
    }
  }

  boolean isClosed() {
    return closed.get();
  }

  /** Lets the lane write to the pages again without copying. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      memory.close();
    }
  }
}
