package dev.dormouse.residence;

import dev.dormouse.commitlog.CommitRecord;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.LogRange;
import dev.dormouse.commitlog.MissingRecordsException;
import dev.dormouse.commitlog.RecordBatch;
import dev.dormouse.commitlog.SegmentHeader;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.commitlog.SegmentObject;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Moves the local log to the archive: one segment object after another, each under the next
 * sequence of its database, then the position, then the word to the journal that the records may
 * go.
 *
 * <p>May die between any two steps and be told the same again: an object that is there already
 * counts if it holds what the journal holds, and one of a newer epoch means that this node has lost
 * the database. Thread safe; ranges of one database are archived one after another. Source: design
 * §6.
 */
public final class Archiver {
  private final Journal journal;
  private final SegmentStore segments;
  private final ArchivePositions positions;
  private final TrimFloor floor;
  private final LogLimits limits;
  private final Executor executor;

  private final Object lock = new Object();

  /** What is to be done per database; the first is being done. Guarded by {@link #lock}. */
  private final Map<DatabaseKey, Queue<Task>> queues = new HashMap<>();

  /**
   * An archiver of one journal.
   *
   * @param limits the journal's
   * @param executor runs what blocks
   */
  public Archiver(
      Journal journal,
      SegmentStore segments,
      ArchivePositions positions,
      TrimFloor floor,
      LogLimits limits,
      Executor executor) {
    this.journal = journal;
    this.segments = segments;
    this.positions = positions;
    this.floor = floor;
    this.limits = limits;
    this.executor = executor;
  }

  /**
   * Archives all of a database's durable records up to an offset.
   *
   * @return done when they are archived and that is recorded; failed with a {@link FencedException}
   *     if another owner has a newer epoch, with an {@link IOException} if a store or the journal
   *     failed, in which case the same may be told again
   */
  public CompletionStage<Void> archive(ArchiveRange range) {
    return enqueue(range.key(), () -> archiveNow(range));
  }

  /**
   * Tells the journal again what of a database may go, after a snapshot was stored or the journal
   * was opened.
   */
  public CompletionStage<Void> release(DatabaseKey key) {
    return enqueue(
        key,
        () -> {
          Optional<ArchivePosition> position = positions.of(key);
          if (position.isPresent()) {
            release(key, position.get());
          }
        });
  }

  private interface Work {
    void run() throws IOException;
  }

  private record Task(Work work, CompletableFuture<Void> done) {}

  private CompletionStage<Void> enqueue(DatabaseKey key, Work work) {
    Task task = new Task(work, new CompletableFuture<>());
    boolean idle;
    synchronized (lock) {
      idle = !queues.containsKey(key);
      queues.computeIfAbsent(key, k -> new ArrayDeque<>()).add(task);
    }
    if (idle) {
      executeNext(key);
    }
    return task.done.minimalCompletionStage();
  }

  private void executeNext(DatabaseKey key) {
    try {
      executor.execute(() -> runNext(key));
    } catch (RejectedExecutionException e) {
      Queue<Task> refused;
      synchronized (lock) {
        refused = Objects.requireNonNull(queues.remove(key));
      }
      refused.forEach(task -> task.done.completeExceptionally(e));
    }
  }

  private void runNext(DatabaseKey key) {
    Task task;
    synchronized (lock) {
      task = Objects.requireNonNull(queues.get(key)).element();
    }
    // What fails concerns whoever asked for it, and not what is behind it.
    try {
      task.work.run();
      task.done.complete(null);
    } catch (IOException | RuntimeException e) {
      task.done.completeExceptionally(e);
    } catch (Error e) {
      task.done.completeExceptionally(e);
      throw e;
    } finally {
      boolean more;
      synchronized (lock) {
        Queue<Task> queue = Objects.requireNonNull(queues.get(key));
        queue.remove();
        more = !queue.isEmpty();
        if (!more) {
          queues.remove(key);
        }
      }
      if (more) {
        executeNext(key);
      }
    }
  }

  // ---- below: on the executor, one at a time per database ----

  private void archiveNow(ArchiveRange range) throws IOException {
    ArchivePosition position = position(range.key(), range.epoch());
    while (position.next().compareTo(range.last()) <= 0) {
      position = archiveOne(range, position);
      positions.record(range.key(), position);
    }
    release(range.key(), position);
  }

  private ArchivePosition archiveOne(ArchiveRange range, ArchivePosition position)
      throws IOException {
    RecordBatch batch = journal.batch(range.key(), position.next(), range.last());
    SegmentHeader header = header(range, position.nextSequence(), batch.epoch());
    byte[] object = new SegmentObject.Records(header, batch).encode();
    if (segments.create(header.name(), object)) {
      return behind(header, batch);
    }
    return adopt(range.epoch(), position, read(header.key(), position.nextSequence()));
  }

  private static SegmentHeader header(ArchiveRange range, long sequence, Epoch epoch) {
    return new SegmentHeader(range.key(), sequence, epoch, range.module(), range.owner());
  }

  /** The position behind an object that is there already, if it is what we would have made. */
  private ArchivePosition adopt(Epoch ours, ArchivePosition position, SegmentObject found)
      throws IOException {
    requireNotNewer(ours, found);
    return switch (found) {
      case SegmentObject.EpochMarker marker ->
          new ArchivePosition(
              position.next(), position.lastTimestampMicros(), marker.header().sequence() + 1);
      case SegmentObject.Records records -> {
        RecordBatch batch = records.batch();
        if (!batch.first().equals(position.next()) || compare(batch) != Comparison.SAME) {
          throw foreign(records);
        }
        yield behind(records.header(), batch);
      }
    };
  }

  private static ArchivePosition behind(SegmentHeader header, RecordBatch batch) {
    return new ArchivePosition(
        batch.last().next(), batch.lastTimestampMicros(), header.sequence() + 1);
  }

  private static EngineException foreign(SegmentObject.Records records) {
    return EngineException.operator(
        ("segment %s holds other records at tx offsets %s to %s than the journal of this node: two"
                + " nodes had the database under one epoch, or a data folder was copied")
            .formatted(records.header().name(), records.batch().first(), records.batch().last()));
  }

  private static void requireNotNewer(Epoch ours, SegmentObject found) throws FencedException {
    Epoch theirs = found.header().epoch();
    if (theirs.compareTo(ours) > 0) {
      throw new FencedException(found.header().key(), ours, theirs);
    }
  }

  private enum Comparison {
    SAME,
    OTHER,
    /** The journal holds not all of the records any more, and no others in their place. */
    GONE
  }

  private Comparison compare(RecordBatch batch) throws IOException {
    List<CommitRecord> records = new ArrayList<>(batch.records());
    batch.forEach(record -> records.add(record.copy()));
    var found =
        new Object() {
          int count;
          boolean other;
        };
    try {
      journal.replay(
          batch.key(),
          batch.first(),
          batch.last(),
          record -> {
            byte[] theirs = records.get(found.count++).toByteArray();
            found.other |= !Arrays.equals(theirs, record.toByteArray());
          });
    } catch (MissingRecordsException e) {
      return found.other ? Comparison.OTHER : Comparison.GONE;
    }
    if (found.other) {
      return Comparison.OTHER;
    }
    return found.count == records.size() ? Comparison.SAME : Comparison.GONE;
  }

  /** Where to go on: as recorded, else as the objects say, else at the journal's beginning. */
  private ArchivePosition position(DatabaseKey key, Epoch epoch) throws IOException {
    Optional<ArchivePosition> recorded = positions.of(key);
    if (recorded.isPresent()) {
      return recorded.get();
    }
    List<String> names = segments.list(SegmentName.folder(key));
    if (names.isEmpty()) {
      TxOffset first =
          journal.ranges(key).stream()
              .map(LogRange::first)
              .min(Comparator.naturalOrder())
              .orElse(TxOffset.ZERO);
      return new ArchivePosition(first, 0, 0);
    }
    SegmentObject newest = read(key, SegmentName.parse(names.getLast()).orElseThrow().sequence());
    requireNotNewer(epoch, newest);
    return switch (newest) {
      case SegmentObject.EpochMarker marker ->
          new ArchivePosition(marker.first(), 0, marker.header().sequence() + 1);
      case SegmentObject.Records records -> {
        // Gone from the journal: archived long ago, and the position was lost with the catalog.
        if (compare(records.batch()) == Comparison.OTHER) {
          throw foreign(records);
        }
        yield behind(records.header(), records.batch());
      }
    };
  }

  private SegmentObject read(DatabaseKey key, long sequence) throws IOException {
    String name = SegmentName.of(key, sequence).path();
    byte[] bytes =
        segments
            .read(name)
            .orElseThrow(() -> new IOException("segment " + name + " is neither there nor free"));
    try {
      SegmentObject object = SegmentObject.decode(bytes, limits);
      if (object.header().name().equals(name)) {
        return object;
      }
      throw EngineException.operator(
          "segment " + name + " holds the object of " + object.header().name());
    } catch (DecodeException e) {
      throw new EngineException(
          EngineException.Code.OPERATOR, "segment " + name + " is damaged: " + e.text(), e);
    }
  }

  private void release(DatabaseKey key, ArchivePosition position) throws IOException {
    Optional<TxOffset> coverable = floor.of(key);
    long last = Math.min(position.next().value() - 1, coverable.map(TxOffset::value).orElse(-1L));
    if (last >= 0) {
      journal.archivedUpTo(key, new TxOffset(last));
    }
  }
}
