package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.Rest;
import dev.dormouse.sats.EngineException;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.SnapshotHeader;
import dev.dormouse.snapshot.SnapshotWriter;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * Puts a database to bed: snapshot, archive, and one transaction that records the sleep. May die
 * between any two steps: everything is in the journal until all of them are done. Blocks.
 */
final class Bedding {
  private final ResidenceContext residence;

  Bedding(ResidenceContext residence) {
    this.residence = residence;
  }

  /** Stores what is left of an awake life, and closes its capture. */
  void store(DatabaseContext awake, Rest rest) throws IOException {
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
    archive(awake, rest);
    residence
        .ownership()
        .slept(
            new SleepRecord(
                key,
                awake.epoch(),
                rest.lastOffset(),
                rest.lastTimestamp(),
                rest.sizeBytes(),
                rest.connections()));
  }

  private void archive(DatabaseContext awake, Rest rest) throws IOException {
    if (rest.lastOffset() < 0) {
      return;
    }
    ArchiveRange range =
        new ArchiveRange(
            awake.key(),
            awake.epoch(),
            new TxOffset(rest.lastOffset()),
            rest.module(),
            awake.owner());
    try {
      residence.archive().archive(range).toCompletableFuture().join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case IOException failed -> throw failed;
        case EngineException refused -> throw refused;
        case null, default -> throw e;
      }
    }
  }
}
