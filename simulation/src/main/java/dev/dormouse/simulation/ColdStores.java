package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.ArchivePosition;
import dev.dormouse.residence.ArchivePositions;
import dev.dormouse.residence.SegmentStore;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.ChunkSource.ChunkVisitor;
import dev.dormouse.snapshot.Manifest;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where cold things live, which outlive the node's processes: the in-memory stores of the engine,
 * of which every call may fail before or after its effect, and with the process dying on either
 * side.
 */
final class ColdStores {
  private final Fate fate;
  private final SnapshotStore snapshots;
  private final SegmentStore segments = SegmentStore.inMemory();
  private final ArchivePositions positions = ArchivePositions.inMemory();

  ColdStores(Fate fate, Function<DatabaseKey, Epoch> epochs, InstantSource clock) {
    this.fate = fate;
    this.snapshots = SnapshotStore.inMemory(epochs, clock);
  }

  /** A call that may be cut off. */
  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T around(String what, Call<T> call) throws IOException {
    fate.step("before " + what);
    if (fate.fails(what)) {
      throw new IOException(what + " failed: the store is not reachable");
    }
    T answer = call.run();
    fate.step("after " + what);
    if (fate.fails("answer to " + what)) {
      throw new IOException("the answer to " + what + " was lost");
    }
    return answer;
  }

  /** What is stored, without faults, for the audit. */
  SnapshotStore storedSnapshots() {
    return snapshots;
  }

  /** What is stored, without faults, for the audit. */
  SegmentStore storedSegments() {
    return segments;
  }

  /** Segments as a process sees them. */
  SegmentStore segments() {
    return new SegmentStore() {
      @Override
      public boolean create(String name, byte[] content) throws IOException {
        return around("create segment", () -> segments.create(name, content));
      }

      @Override
      public Optional<byte[]> read(String name) throws IOException {
        return around("read segment", () -> segments.read(name));
      }

      @Override
      public Optional<byte[]> readFirst(String name, int bytes) throws IOException {
        return around("read segment", () -> segments.readFirst(name, bytes));
      }

      @Override
      public List<String> list(String prefix) throws IOException {
        return around("list segments", () -> segments.list(prefix));
      }

      @Override
      public void delete(String name) throws IOException {
        around(
            "delete segment",
            () -> {
              segments.delete(name);
              return true;
            });
      }
    };
  }

  /** Positions as a process sees them. */
  ArchivePositions positions() {
    return new ArchivePositions() {
      @Override
      public Optional<ArchivePosition> of(DatabaseKey key) throws IOException {
        return around("read position", () -> positions.of(key));
      }

      @Override
      public void record(DatabaseKey key, ArchivePosition position) throws IOException {
        around(
            "record position",
            () -> {
              positions.record(key, position);
              return true;
            });
      }

      @Override
      public void forget(DatabaseKey key) throws IOException {
        around(
            "forget position",
            () -> {
              positions.forget(key);
              return true;
            });
      }
    };
  }

  /** Snapshots as a process sees them. */
  SnapshotStore snapshots() {
    return new Snapshots();
  }

  private final class Snapshots implements SnapshotStore {
    @Override
    public Draft begin(DatabaseKey key, Epoch epoch) throws IOException {
      return new CutDraft(around("begin snapshot", () -> snapshots.begin(key, epoch)));
    }

    @Override
    public Optional<Manifest> newest(DatabaseKey key) throws IOException {
      return around("read manifest", () -> snapshots.newest(key));
    }

    @Override
    public Optional<Manifest> newestUpTo(DatabaseKey key, TxOffset last) throws IOException {
      return around("read manifest", () -> snapshots.newestUpTo(key, last));
    }

    @Override
    public List<SnapshotSummary> list(DatabaseKey key) throws IOException {
      return around("list snapshots", () -> snapshots.list(key));
    }

    @Override
    public void read(DatabaseKey key, List<ChunkHash> hashes, ChunkVisitor visitor)
        throws IOException {
      around(
          "read chunks",
          () -> {
            snapshots.read(key, hashes, visitor);
            return true;
          });
    }

    @Override
    public void retire(DatabaseKey key, List<Long> nextOffsets) throws IOException {
      around(
          "retire snapshots",
          () -> {
            snapshots.retire(key, nextOffsets);
            return true;
          });
    }

    @Override
    public void retireAll(DatabaseKey key) throws IOException {
      around(
          "retire snapshots",
          () -> {
            snapshots.retireAll(key);
            return true;
          });
    }

    @Override
    public List<DatabaseKey> withMoreThan(int count, Optional<DatabaseKey> after, int limit)
        throws IOException {
      return around("list snapshots", () -> snapshots.withMoreThan(count, after, limit));
    }

    @Override
    public Optional<SnapshotSummary> oldest(DatabaseKey key, Duration age) throws IOException {
      return around("list snapshots", () -> snapshots.oldest(key, age));
    }

    @Override
    public SweepReport sweep(Duration age, boolean dryRun) throws IOException {
      return around("sweep snapshots", () -> snapshots.sweep(age, dryRun));
    }
  }

  private final class CutDraft implements SnapshotStore.Draft {
    private final SnapshotStore.Draft draft;

    CutDraft(SnapshotStore.Draft draft) {
      this.draft = draft;
    }

    @Override
    public boolean has(ChunkHash hash) {
      return draft.has(hash);
    }

    @Override
    public void add(Chunk chunk) throws IOException {
      around(
          "store chunk",
          () -> {
            draft.add(chunk);
            return true;
          });
    }

    @Override
    public void publish(Manifest manifest) throws IOException {
      around(
          "publish snapshot",
          () -> {
            draft.publish(manifest);
            return true;
          });
    }

    @Override
    public void close() {
      draft.close();
    }
  }
}
