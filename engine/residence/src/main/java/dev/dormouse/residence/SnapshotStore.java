package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.ChunkSink;
import dev.dormouse.snapshot.ChunkSource.ChunkVisitor;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.SnapshotHeader;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the state of sleeping databases lives. Thread safe; blocks.
 *
 * <p>Laws, held by every implementation (test: {@code SnapshotStoreContract}):
 *
 * <ul>
 *   <li>A snapshot is visible wholly or not at all, from the moment {@link Draft#publish} returns
 *       (or fails with its answer lost) and over any crash.
 *   <li>Only the owner under the newest epoch publishes.
 *   <li>A chunk that a visible or retired snapshot names is there.
 *   <li>Chunks are shared within a lineage, which is a database with all its generations, and never
 *       between lineages.
 * </ul>
 */
public interface SnapshotStore {
  /**
   * Begins to store a snapshot.
   *
   * @param key of the database
   * @param epoch under which this node owns it
   */
  Draft begin(DatabaseKey key, Epoch epoch) throws IOException;

  /** A snapshot that is being stored and that nobody sees yet. For one thread at a time. */
  interface Draft extends ChunkSink, AutoCloseable {
    /**
     * Makes the snapshot visible, in one transaction that checks the epoch. If there is one of the
     * same tx offset, visible or retired, that one is visible on return instead: it is the same
     * state.
     *
     * <p>The log must be durable below the manifest's {@code nextOffset}: a snapshot may never hold
     * what a crash can take back.
     *
     * @throws FencedException if there is a newer epoch
     * @throws dev.dormouse.snapshot.MissingChunkException if a chunk that the manifest names was
     *     neither added nor is there; a new draft may succeed
     * @throws IllegalArgumentException if the manifest is another database's
     */
    void publish(Manifest manifest) throws IOException;

    /** Ends the draft; if it was not published, what was added goes with the next sweep. */
    @Override
    void close();
  }

  /** The newest snapshot of a database. */
  Optional<Manifest> newest(DatabaseKey key) throws IOException;

  /** The newest snapshot that holds no commit above an offset. */
  Optional<Manifest> newestUpTo(DatabaseKey key, TxOffset last) throws IOException;

  /** The visible snapshots of a database, oldest first. */
  List<SnapshotSummary> list(DatabaseKey key) throws IOException;

  /**
   * Hands out chunks of a database's snapshots in the order asked for, by the calling thread.
   *
   * @throws dev.dormouse.snapshot.MissingChunkException if one is not there
   * @throws dev.dormouse.sats.DecodeException if one is damaged
   */
  void read(DatabaseKey key, List<ChunkHash> hashes, ChunkVisitor visitor) throws IOException;

  /**
   * The first of two phases of a deletion: the snapshots are not visible any more. The newest one
   * of a database stays in any case.
   *
   * @param snapshots which, each by the first tx offset that is not in it
   */
  void retire(DatabaseKey key, List<Long> snapshots) throws IOException;

  /** Retires all snapshots of a database that is gone for good. */
  void retireAll(DatabaseKey key) throws IOException;

  /**
   * Databases of which more snapshots are stored than so many, visible or retired, in an order of
   * its own.
   *
   * @param after only those behind this one in that order
   * @param limit at most so many
   */
  List<DatabaseKey> withMoreThan(int snapshots, Optional<DatabaseKey> after, int limit)
      throws IOException;

  /** The oldest snapshot of a database that a sweep of this age would leave, visible or retired. */
  Optional<SnapshotSummary> oldest(DatabaseKey key, Duration age) throws IOException;

  /**
   * The second phase: removes snapshots that were retired, and chunks that were stored and are
   * named by none, longer ago than an age. It must exceed the time that a restore or a draft takes;
   * the store's own clock counts.
   *
   * @param dryRun whether to report only
   */
  SweepReport sweep(Duration age, boolean dryRun) throws IOException;

  /**
   * What is known of a snapshot without reading it.
   *
   * @param nextOffset the tx offset of the first commit that is not in it
   * @param lastTimestampMicros the last timestamp a call saw, in microseconds since 1970
   * @param liveBytes bytes of its rows
   */
  record SnapshotSummary(long nextOffset, long lastTimestampMicros, long liveBytes) {
    /** What is known of this one. */
    public static SnapshotSummary of(Manifest manifest) {
      return new SnapshotSummary(
          manifest.header().nextOffset(),
          manifest.header().lastTimestampMicros(),
          manifest.liveBytes());
    }
  }

  /**
   * What a sweep removed, or would.
   *
   * @param snapshots how many
   * @param chunks how many
   * @param bytes of those, as stored
   */
  record SweepReport(long snapshots, long chunks, long bytes) {}

  /** Refuses a manifest of another database or generation. */
  static void requireOf(DatabaseKey key, Manifest manifest) {
    SnapshotHeader header = manifest.header();
    if (!header.database().equals(key.database())
        || !header.generation().equals(key.generation().id())) {
      throw new IllegalArgumentException("%s is none of %s".formatted(manifest, key));
    }
  }

  /**
   * Snapshots in memory.
   *
   * @param epochs the newest epoch of a database
   * @param clock tells the age of chunks and retirements
   */
  static SnapshotStore inMemory(Function<DatabaseKey, Epoch> epochs, InstantSource clock) {
    return inMemory(epochs, clock, new StoreFaults());
  }

  /** Snapshots in memory, of whose writes some may fail. */
  static SnapshotStore inMemory(
      Function<DatabaseKey, Epoch> epochs, InstantSource clock, StoreFaults faults) {
    return new MemorySnapshotStore(epochs, clock, faults);
  }
}
