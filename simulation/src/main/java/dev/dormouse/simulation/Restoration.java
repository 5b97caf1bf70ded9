package dev.dormouse.simulation;

import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.datastore.Capture;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.datastore.Replay;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.SnapshotReader;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Restores to an offset with the engine's own parts, the newest snapshot up to there and the
 * commits behind it, and compares with the model's state of that prefix.
 */
final class Restoration {
  private final History history;
  private final SnapshotStore snapshots;

  Restoration(History history, SnapshotStore snapshots) {
    this.history = history;
    this.snapshots = snapshots;
  }

  /**
   * Compares a restore with the model.
   *
   * @param offset of the last commit in it
   * @param fold the model's state there
   * @throws Violation if they differ, in rows or in where sequences stand
   */
  void compare(long offset, Fold fold) {
    Datastore store;
    try {
      store = restored(offset);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Map<Integer, Set<Row>> tables = new TreeMap<>();
    Map<Integer, History.Position> sequences = new TreeMap<>();
    try (Capture capture = store.capture()) {
      for (Capture.CapturedTable table : capture.tables()) {
        Set<Row> rows = new HashSet<>();
        table
            .pages()
            .forEach(
                page -> page.forEachRow((data, at, length) -> rows.add(new Row(data, at, length))));
        tables.put(table.schema().id(), rows);
      }
      capture.forEachSequence(
          (id, high, low) -> sequences.put(id, new History.Position(high, low)));
    }
    for (int table : fold.tableIds()) {
      if (table < SystemTables.ST_MODULE) {
        continue; // The rows that a new database has of its own are in no log.
      }
      Set<Row> rows = tables.getOrDefault(table, Set.of());
      if (!rows.equals(fold.table(table))) {
        throw new Violation(
            "a restore to %d has in table %d: %s, but there was: %s"
                .formatted(offset, table, rows, fold.table(table)));
      }
    }
    fold.sequences()
        .forEach(
            (sequence, position) -> {
              if (!position.equals(sequences.get(sequence))) {
                throw new Violation(
                    "a restore to %d has sequence %d at %s, but it was at %s"
                        .formatted(offset, sequence, sequences.get(sequence), position));
              }
            });
  }

  private Datastore restored(long offset) throws IOException {
    DatastoreOptions options =
        new DatastoreOptions(history.key().database(), 1, DatastoreLimits.DEFAULTS);
    Optional<Manifest> newest = snapshots.newestUpTo(history.key(), new TxOffset(offset));
    if (newest.isEmpty()) {
      return replayed(Datastore.bootstrap(options), 0, offset);
    }
    Datastore store =
        new SnapshotReader(newest.get())
            .restore(options, (hashes, visitor) -> snapshots.read(history.key(), hashes, visitor));
    return replayed(store, newest.get().header().nextOffset(), offset);
  }

  private Datastore replayed(Datastore store, long from, long last) {
    for (History.Commit commit : history.commits().subList((int) from, (int) last + 1)) {
      Replay replay = store.replay();
      for (History.Change change : commit.changes()) {
        byte[] row = change.row().bytes();
        if (change.inserted()) {
          replay.insert(change.table(), row, 0, row.length);
        } else {
          replay.delete(change.table(), row, 0, row.length);
        }
      }
      commit.sequences().forEach((sequence, at) -> replay.sequence(sequence, at.high(), at.low()));
      replay.end();
    }
    return store;
  }
}
