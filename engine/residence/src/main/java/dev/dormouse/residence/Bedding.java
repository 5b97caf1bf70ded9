package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.Rest;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.SnapshotHeader;
import dev.dormouse.snapshot.SnapshotWriter;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Puts a database to bed: snapshot, archive, and one transaction that records the sleep; or stores
 * it while it serves, without the last. May die between any two steps: everything is in the journal
 * until snapshot and archive have it; and of what a snapshot holds and no sleep tells the next
 * start is told by {@link Ownership#leftBehind}.
 */
final class Bedding {
  private final ResidenceContext residence;

  Bedding(ResidenceContext residence) {
    this.residence = residence;
  }

  /**
   * Stores what is left of an awake life, and closes its capture. Blocks for the snapshot. One of
   * the two is called, on a worker. No worker waits meanwhile for the archive, which needs one
   * itself: as many sleeps as there are workers would wait for ever.
   *
   * @param stored when all is stored and the sleep is recorded
   * @param failed with what went wrong
   */
  void store(DatabaseContext awake, Rest rest, Runnable stored, Consumer<Throwable> failed) {
    CompletionStage<Void> recorded;
    try {
      recorded = keep(awake, rest).thenRunAsync(() -> record(awake, rest), residence.workers());
    } catch (IOException | RuntimeException | Error e) {
      recorded = CompletableFuture.failedStage(e);
    }
    var unused =
        recorded
            .thenRun(stored)
            .exceptionally(
                failure -> {
                  boolean wrapped = failure instanceof CompletionException;
                  failed.accept(
                      wrapped && failure.getCause() != null ? failure.getCause() : failure);
                  return null;
                });
  }

  /**
   * Stores the state and the log before it, and closes the capture. Blocks for the snapshot.
   *
   * @return done when the log is archived too
   */
  CompletionStage<Void> keep(DatabaseContext awake, Rest rest) throws IOException {
    snapshot(awake, rest);
    return archive(awake, rest);
  }

  private void snapshot(DatabaseContext awake, Rest rest) throws IOException {
    DatabaseKey key = awake.key();
    try (var capture = rest.capture()) {
      Optional<Manifest> newest = residence.snapshots().newest(key);
      boolean changed =
          newest.isEmpty() || newest.get().header().nextOffset() != rest.lastOffset() + 1;
      if (changed) {
        SnapshotHeader header =
            new SnapshotHeader(
                key.database(),
                key.generation().id(),
                rest.lastOffset() + 1,
                rest.lastTimestamp(),
                rest.module(),
                awake.owner());
        try (SnapshotStore.Draft draft = residence.snapshots().begin(key, awake.epoch())) {
          draft.publish(
              new SnapshotWriter(residence.snapshotLimits()).write(capture, header, draft));
        }
      }
    }
  }

  private void record(DatabaseContext awake, Rest rest) {
    residence
        .ownership()
        .slept(
            new SleepRecord(
                awake.key(),
                awake.epoch(),
                rest.module(),
                rest.lastOffset(),
                rest.lastTimestamp(),
                rest.sizeBytes(),
                rest.connections()));
  }

  private CompletionStage<Void> archive(DatabaseContext awake, Rest rest) {
    if (rest.lastOffset() < 0) {
      return CompletableFuture.completedStage(null);
    }
    ArchiveRange range =
        new ArchiveRange(
            awake.key(),
            awake.epoch(),
            new TxOffset(rest.lastOffset()),
            rest.module(),
            awake.owner());
    return residence.archive().archive(range);
  }
}
