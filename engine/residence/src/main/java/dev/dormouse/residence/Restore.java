package dev.dormouse.residence;

import dev.dormouse.commitlog.CommitChanges;
import dev.dormouse.commitlog.CommitRecord;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.sats.EngineException;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.SnapshotHeader;
import dev.dormouse.snapshot.SnapshotReader;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;

/**
 * Brings a database's state back: the newest snapshot, then the records behind it. Replays effects
 * and never runs the module. Source: design §2, §6.
 */
final class Restore {
  private final ResidenceContext residence;

  Restore(ResidenceContext residence) {
    this.residence = residence;
  }

  /**
   * A state, and where in the log it is.
   *
   * @param lastOffset offset of the last commit in it, -1 for none
   * @param lastTimestamp the latest timestamp of its commits
   */
  record Restored(Datastore store, long lastOffset, long lastTimestamp) {}

  /**
   * Restores a database.
   *
   * @param timer told when the snapshot and when the records behind it are in
   * @throws EngineException OPERATOR, naming the offsets, if less is there than was recorded
   */
  Restored run(DatabaseContext context, Ownership.Owned owned, WakeTimer timer) throws IOException {
    DatabaseKey key = context.key();
    DatastoreOptions options = context.storeOptions();
    Optional<Manifest> newest = residence.snapshots().newest(key);
    Replay replay;
    if (newest.isPresent()) {
      Datastore store =
          new SnapshotReader(newest.get())
              .restore(
                  options, (hashes, visitor) -> residence.snapshots().read(key, hashes, visitor));
      SnapshotHeader header = newest.get().header();
      replay = new Replay(store, header.nextOffset() - 1, header.lastTimestampMicros());
    } else {
      replay = new Replay(Datastore.bootstrap(options), -1, 0);
    }
    timer.done(WakeStep.SNAPSHOT);
    boolean complete = false;
    try {
      replayLog(key, replay);
      requireAll(key, owned, replay);
      complete = true;
    } finally {
      if (!complete) {
        replay.store.close();
      }
    }
    timer.done(WakeStep.REPLAY);
    long slept = owned.lastSleep().map(SleepRecord::lastTimestamp).orElse(0L);
    return new Restored(replay.store, replay.lastOffset, Math.max(replay.lastTimestamp, slept));
  }

  private static void requireAll(DatabaseKey key, Ownership.Owned owned, Replay replay) {
    long needed = Math.max(0, owned.lastSleep().map(SleepRecord::lastOffset).orElse(0L));
    if (replay.lastOffset < needed) {
      throw EngineException.operator(
          "commits %d to %d of database %s are missing from snapshot, archive and log"
              .formatted(replay.lastOffset + 1, needed, key));
    }
  }

  /** The records behind a snapshot: from the journal, and what has gone from there, the archive. */
  private void replayLog(DatabaseKey key, Replay replay) throws IOException {
    Optional<TxOffset> archived = residence.archived().last(key);
    Optional<TxOffset> first = firstInJournal(key, replay.lastOffset + 1);
    long from = replay.lastOffset + 1;
    long until = first.map(TxOffset::value).orElse(Long.MAX_VALUE);
    if (archived.isPresent() && archived.get().value() >= from && from < until) {
      long last = Math.min(archived.get().value(), until - 1);
      residence.archived().read(key, new TxOffset(from), new TxOffset(last), replay::apply);
    }
    residence.journal().replay(key, new TxOffset(replay.lastOffset + 1), replay::apply);
  }

  /** The first offset from one on that the journal has; empty if it has none of them. */
  private Optional<TxOffset> firstInJournal(DatabaseKey key, long from) {
    return residence.journal().ranges(key).stream()
        .filter(range -> range.last().value() >= from)
        .map(range -> new TxOffset(Math.max(from, range.first().value())))
        .min(Comparator.naturalOrder());
  }

  private static final class Replay {
    private final Datastore store;
    private long lastOffset;
    private long lastTimestamp;

    Replay(Datastore store, long lastOffset, long lastTimestamp) {
      this.store = store;
      this.lastOffset = lastOffset;
      this.lastTimestamp = lastTimestamp;
    }

    void apply(CommitRecord record) {
      dev.dormouse.datastore.Replay effects = store.replay();
      record.forEachChange(
          new CommitChanges() {
            @Override
            public void deletedRow(int tableId, byte[] bytes, int offset, int length) {
              effects.delete(tableId, bytes, offset, length);
            }

            @Override
            public void insertedRow(int tableId, byte[] bytes, int offset, int length) {
              effects.insert(tableId, bytes, offset, length);
            }

            @Override
            public void sequence(int sequenceId, long high, long low) {
              effects.sequence(sequenceId, high, low);
            }
          });
      effects.end();
      lastOffset = record.offset().value();
      lastTimestamp = Math.max(lastTimestamp, record.timestampMicros());
    }
  }
}
