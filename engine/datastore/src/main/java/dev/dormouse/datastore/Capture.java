package dev.dormouse.datastore;

import dev.dormouse.datastore.TxChanges.SequenceVisitor;
import java.util.List;

/**
 * The committed state of one moment, to be read by any one thread while the lane goes on writing.
 *
 * <p>Made in microseconds: it shares the pages, and the lane copies a page before it writes to it
 * for the first time afterwards. Rows of event tables and of views are not part of it. Must be
 * closed, by any thread; until then copied pages stay on the heap.
 */
public final class Capture implements AutoCloseable {
  /** A table with its rows. */
  public record CapturedTable(TableSchema schema, long rowCount, CapturedPages pages) {}

  /** Where a sequence stands. */
  private record Position(int sequenceId, long high, long low) {}

  private final int generation;
  private final List<CapturedTable> tables;
  private final List<Position> sequences;
  private volatile boolean closed;

  Capture(int generation, List<Table> captured) {
    this.generation = generation;
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
    return closed;
  }

  /** Lets the lane write to the pages again without copying. */
  @Override
  public void close() {
    closed = true;
  }
}
