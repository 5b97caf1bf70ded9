package dev.dormouse.simulation;

import dev.dormouse.commitlog.CommitChanges;
import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.commitlog.CommitRecord;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.ArchiveReader;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the log of a database says, read once. */
record History(DatabaseKey key, List<Commit> commits) {
  History {
    commits = List.copyOf(commits);
  }

  /** The next value of a sequence, in two halves. */
  record Position(long high, long low) {}

  /** A row that came or went. */
  record Change(boolean inserted, int table, Row row) {}

  /**
   * One commit.
   *
   * @param connection of the caller, or {@link ConnectionId#NONE}
   */
  record Commit(
      long offset,
      long epoch,
      long timestamp,
      CommitKind kind,
      Identity caller,
      ConnectionId connection,
      String function,
      List<Change> changes,
      Map<Integer, Position> sequences) {
    Commit {
      changes = List.copyOf(changes);
    }
  }

  /** Reads a database's log from its beginning: what has left the journal, from the archive. */
  static History read(Journal journal, ColdStores cold, LogLimits limits, DatabaseKey key)
      throws IOException {
    List<Commit> commits = new ArrayList<>();
    ArchiveReader archive = new ArchiveReader(cold.storedSegments(), limits);
    Optional<TxOffset> archived = archive.last(key);
    if (archived.isPresent()) {
      archive.read(key, TxOffset.ZERO, archived.get(), record -> commits.add(commit(record)));
    }
    journal.replay(key, new TxOffset(commits.size()), record -> commits.add(commit(record)));
    return new History(key, commits);
  }

  private static Commit commit(CommitRecord record) {
    List<Change> changes = new ArrayList<>();
    Map<Integer, Position> sequences = new TreeMap<>();
    ConnectionId[] connection = {ConnectionId.NONE};
    record.forEachChange(
        new CommitChanges() {
          @Override
          public void deletedRow(int tableId, byte[] bytes, int offset, int length) {
            changes.add(new Change(false, tableId, new Row(bytes, offset, length)));
          }

          @Override
          public void insertedRow(int tableId, byte[] bytes, int offset, int length) {
            changes.add(new Change(true, tableId, new Row(bytes, offset, length)));
          }

          @Override
          public void sequence(int sequenceId, long high, long low) {
            sequences.put(sequenceId, new Position(high, low));
          }

          @Override
          public void attribute(int tag, byte[] bytes, int offset, int length) {
            if (tag == CommitRecord.CONNECTION_ID) {
              connection[0] = ConnectionId.read(new BsatnReader(bytes, offset, length));
            }
          }
        });
    return new Commit(
        record.offset().value(),
        record.epoch().value(),
        record.timestampMicros(),
        record.kind(),
        record.caller(),
        connection[0],
        record.function(),
        changes,
        sequences);
  }
}
