package dev.dormouse.snapshot;

import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.datastore.Restore;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.snapshot.ChunkSource.ChunkVisitor;
import dev.dormouse.snapshot.Manifest.ChunkRows;
import dev.dormouse.snapshot.Manifest.SequencePosition;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a new store from a snapshot. Used once, by one thread.
 *
 * <p>Every chunk has the hash that the manifest names: {@link Chunk} sees to it.
 */
public final class SnapshotReader {
  private final Manifest manifest;

  /** A reader of one snapshot. */
  public SnapshotReader(Manifest manifest) {
    this.manifest = manifest;
  }

  /**
   * Restores the store, indexes included.
   *
   * @param options of the database that the snapshot is of, or of a fork
   * @throws IOException if a chunk is missing or cannot be read
   * @throws EngineException OPERATOR, if the snapshot is damaged or cannot have come from a capture
   */
  public Datastore restore(DatastoreOptions options, ChunkSource chunks) throws IOException {
    Restore restore =
        Datastore.restore(options, manifest.tables().stream().mapToLong(TableRows::bytes).sum());
    boolean restored = false;
    try {
      if (manifest.isInline()) {
        restoreInline(restore);
      } else {
        List<ChunkRows> expected = new ArrayList<>();
        List<Integer> tables = new ArrayList<>();
        for (TableRows table : manifest.tables()) {
          for (ChunkRows chunk : table.chunks()) {
            expected.add(chunk);
            tables.add(table.table());
          }
        }
        ChunkRestore visitor = new ChunkRestore(restore, expected, tables);
        chunks.read(manifest.chunks(), visitor);
        visitor.requireAll();
      }
      for (SequencePosition sequence : manifest.sequences()) {
        restore.sequence(sequence.sequence(), sequence.high(), sequence.low());
      }
      Datastore store = restore.finish();
      restored = true;
      return store;
    } catch (DecodeException e) {
      throw new EngineException(
          EngineException.Code.OPERATOR, manifest + " is damaged: " + e.text(), e);
    } finally {
      if (!restored) {
        restore.abandon();
      }
    }
  }

  private void restoreInline(Restore restore) {
    int at = 0;
    for (TableRows table : manifest.tables()) {
      int end = at + (int) table.bytes();
      RowCoding.forEach(
          manifest.inlineRows(),
          at,
          end,
          table.rows(),
          (row, offset, length) -> restore.row(table.table(), row, offset, length));
      at = end;
    }
  }

  private static final class ChunkRestore implements ChunkVisitor {
    private final Restore restore;
    private final List<ChunkRows> expected;
    private final List<Integer> tables;
    private int next;

    ChunkRestore(Restore restore, List<ChunkRows> expected, List<Integer> tables) {
      this.restore = restore;
      this.expected = expected;
      this.tables = tables;
    }

    @Override
    public void chunk(Chunk chunk) {
      if (next == expected.size() || !expected.get(next).hash().equals(chunk.hash())) {
        throw new IllegalStateException("chunk " + chunk.hash() + " was not asked for here");
      }
      int table = tables.get(next);
      RowCoding.forEach(
          chunk.rows(),
          0,
          chunk.size(),
          expected.get(next).rows(),
          (row, offset, length) -> restore.row(table, row, offset, length));
      next++;
    }

    void requireAll() {
      if (next != expected.size()) {
        throw new IllegalStateException(
            "%d of %d chunks were handed out".formatted(next, expected.size()));
      }
    }
  }
}
