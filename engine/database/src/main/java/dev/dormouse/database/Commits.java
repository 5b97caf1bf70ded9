package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.commitlog.CommitRecordWriter;
import dev.dormouse.commitlog.DurabilityListener;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.JournalAppender;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.datastore.TableChanges;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.datastore.TxChanges;
import dev.dormouse.sats.EngineException;
import java.util.concurrent.CompletionException;

/**
 * Makes transactions commits: encodes the record, reserves its room in the log, merges, appends.
 * Used on the lane.
 *
 * <p>The order matters: what can be refused comes before the merge; after the merge only the append
 * is left, whose room is reserved, so that it fails only if the log itself has ended, and then the
 * database ends with it. Source: design §3.
 */
final class Commits implements AutoCloseable {
  private final DatabaseContext context;
  private final CommitRecordWriter record;
  private final JournalAppender appender;
  private long nextOffset;
  private boolean merging;

  /**
   * Goes on behind what is in the log.
   *
   * @param nextOffset offset of the first commit to come
   */
  Commits(
      DatabaseContext context, LogLimits limits, long nextOffset, DurabilityListener durability) {
    this.context = context;
    this.record = new CommitRecordWriter(limits);
    this.nextOffset = nextOffset;
    Journal journal = context.journal();
    this.appender =
        journal.appender(context.key(), context.epoch(), new TxOffset(nextOffset), durability);
  }

  /** Offset of the last commit; -1 before the first. What is read now rests on it. */
  long lastOffset() {
    return nextOffset - 1;
  }

  /** What is told of a transaction between the reservation of its log space and its merge. */
  interface BeforeMerge {
    /** The changes are final; they may be read, and must not be kept. */
    void changed(TxChanges changes);
  }

  /**
   * Commits a transaction, which then is over. A transaction that changed nothing is rolled back
   * and takes no offset, unless it must be in the log all the same.
   *
   * @return whether it took an offset
   * @throws EngineException if its record is too large or the log refuses it; the transaction is
   *     still open then
   */
  boolean commit(
      Transaction tx,
      CommitKind kind,
      Caller caller,
      String function,
      long timestamp,
      boolean evenIfEmpty,
      BeforeMerge before) {
    TxChanges changes = tx.changes();
    if (changes.isEmpty() && !evenIfEmpty) {
      tx.rollback();
      return false;
    }
    encode(changes, kind, caller, function, timestamp);
    tx.prepare();
    reserve(record.length());
    boolean merged = false;
    try {
      before.changed(changes);
      merged = true;
    } finally {
      if (!merged) {
        appender.cancelReservation();
      }
    }
    merging = true;
    tx.merge();
    appender.append(record);
    merging = false;
    nextOffset++;
    return true;
  }

  /** Whether a commit broke off where the store may differ from the log. */
  boolean isMerging() {
    return merging;
  }

  private void encode(
      TxChanges changes, CommitKind kind, Caller caller, String function, long timestamp) {
    record.begin(
        context.key(),
        context.epoch(),
        new TxOffset(nextOffset),
        timestamp,
        kind,
        caller.identity(),
        function);
    for (int i = 0; i < changes.tableCount(); i++) {
      TableChanges table = changes.table(i);
      record.beginTable(table.schema().id());
      table.forEachDeleted(record::deletedRow);
      table.forEachInserted(record::insertedRow);
    }
    if (changes.sequenceCount() > 0) {
      changes.forEachSequence(record::sequence);
    }
    if (!caller.connection().isNone()) {
      record.connectionId(caller.connection());
    }
    record.finish();
  }

  private void reserve(int bytes) {
    while (!appender.tryReserve(bytes)) {
      try {
        appender.space(bytes).toCompletableFuture().join();
      } catch (CompletionException e) {
        throw new EngineException(
            EngineException.Code.OPERATOR, "the log gives no more room: " + e.getCause(), e);
      }
    }
  }

  @Override
  public void close() {
    appender.close();
  }
}
