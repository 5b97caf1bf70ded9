package dev.dormouse.snapshot;

import dev.dormouse.datastore.Capture;
import dev.dormouse.datastore.Capture.CapturedPage;
import dev.dormouse.datastore.Capture.CapturedTable;
import dev.dormouse.snapshot.Manifest.SequencePosition;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Turns a capture into a manifest and chunks. The same rows in the same order become the same
 * bytes; a restored store captures its rows in the order in which they were restored.
 *
 * <p>Thread safe; each call works on its own, on the calling thread.
 */
public final class SnapshotWriter {
  private final SnapshotLimits limits;

  /** A writer of snapshots that fit these limits. */
  public SnapshotWriter(SnapshotLimits limits) {
    this.limits = limits;
  }

  /**
   * Writes a snapshot.
   *
   * @param capture read, and left open
   * @param sink gets the chunks that it has not; none if the rows fit the manifest
   * @throws IOException if the sink failed
   */
  public Manifest write(Capture capture, SnapshotHeader header, ChunkSink sink) throws IOException {
    List<SequencePosition> sequences = new ArrayList<>();
    capture.forEachSequence(
        (sequence, high, low) -> sequences.add(new SequencePosition(sequence, high, low)));
    sequences.sort(Comparator.comparingInt(SequencePosition::sequence));
    InlineRows inline = new InlineRows(limits.inlineBytesMax());
    if (inline.add(capture)) {
      return Manifest.ofInlineRows(
          header, inline.liveBytes(), inline.tables(), sequences, inline.rows());
    }
    return chunked(capture, header, sequences, sink);
  }

  private Manifest chunked(
      Capture capture, SnapshotHeader header, List<SequencePosition> sequences, ChunkSink sink)
      throws IOException {
    RowChunker chunker = new RowChunker(limits, sink);
    List<TableRows> tables = new ArrayList<>();
    try {
      for (CapturedTable table : capture.tables()) {
        for (CapturedPage page : table.pages()) {
          page.forEachRow(chunker::rowUnchecked);
        }
        TableRows rows = chunker.endTable(table.schema().id());
        if (rows.rows() > 0) {
          tables.add(rows);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return Manifest.ofChunks(header, chunker.liveBytes(), tables, sequences);
  }
}
