package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.LogRange;
import dev.dormouse.commitlog.Straggler;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.database.Checkpoint;
import dev.dormouse.database.Database;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.Look;
import dev.dormouse.database.Reply;
import dev.dormouse.database.Rest;
import dev.dormouse.database.Submission;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the journal of a node short: what serves is archived and captured in the background, by
 * size or age; what sleeps is let go of once a snapshot covers it, and stored again if its sleep
 * could not be. Source: design §3.5, §6.
 *
 * <p>Somebody calls {@link #look} every few seconds, one thread at a time; it does not block. May
 * die at any moment: it remembers nothing that the stores do not tell.
 */
public final class Upkeep {
  private static final System.Logger LOG = System.getLogger("dormouse.database");

  private final ResidenceContext context;
  private final Residence residence;
  private final Release release;
  private final ResidenceLimits.Upkeep limits;
  private final AtomicInteger underWay = new AtomicInteger();

  /** Of databases of which the journal keeps something, or that sleep unstored. By who looks. */
  private final Map<DatabaseKey, Mark> marks = new HashMap<>();

  /** Tells the journal again what of a database may go, as {@link Archiver#release}. */
  @FunctionalInterface
  public interface Release {
    /** Done when the journal knows. */
    CompletionStage<Void> release(DatabaseKey key);
  }

  /** Looks after the databases of a residence. */
  public Upkeep(ResidenceContext context, Residence residence, Release release) {
    this.context = context;
    this.residence = residence;
    this.release = release;
    this.limits = context.limits().upkeep();
  }

  /** What was done for one database, in nanoseconds of the node's clock and bytes of its log. */
  private static final class Mark {
    private long storedAt;
    private long archivedAt;
    private long bytesWhenArchived;
    private long archivedUpTo = -1;
    private boolean releaseAsked;
    private volatile boolean busy;

    Mark(long now) {
      storedAt = now;
      archivedAt = now;
    }
  }

  /** Looks at what the journal keeps, and begins what is due. */
  public void look() {
    long now = context.nanoTime().getAsLong();
    Map<DatabaseKey, Long> kept = new TreeMap<>();
    for (LogRange range : context.journal().unarchived()) {
      kept.merge(range.key(), range.bytes(), Long::sum);
    }
    // Also where only the record of its sleep is missing, and the journal has nothing of it.
    residence.unstored().forEach(key -> kept.putIfAbsent(key, 0L));
    Set<DatabaseKey> stragglers = new HashSet<>();
    for (Straggler straggler : context.journal().stragglers()) {
      stragglers.add(straggler.range().key());
    }
    marks.keySet().retainAll(kept.keySet());
    kept.forEach(
        (key, bytes) -> {
          Mark mark = marks.computeIfAbsent(key, absent -> new Mark(now));
          if (!mark.busy) {
            look(key, bytes, stragglers.contains(key), mark, now);
          }
        });
  }

  private void look(DatabaseKey key, long bytes, boolean straggling, Mark mark, long now) {
    Optional<Database> serving = residence.serving(key);
    if (serving.isEmpty()) {
      if (residence.isAsleep(key)) {
        lookAsleep(key, mark, now);
      }
      return;
    }
    mark.releaseAsked = false;
    long enough = Math.max(limits.snapshotLogBytes(), serving.get().sizeBytes() / 2);
    boolean old = straggling && now - mark.storedAt >= limits.stragglerAge().toNanos();
    if (bytes >= enough || old) {
      if (begin(key, mark, () -> checkpoint(serving.get()))) {
        mark.storedAt = now;
        archived(mark, serving.get(), 0, now);
      }
      return;
    }
    boolean more = serving.get().durableOffset() > mark.archivedUpTo;
    boolean big = bytes - mark.bytesWhenArchived >= limits.archiveBytes();
    if (more && (big || now - mark.archivedAt >= limits.archiveAge().toNanos())) {
      if (begin(key, mark, () -> archive(serving.get()))) {
        archived(mark, serving.get(), bytes, now);
      }
    }
  }

  private static void archived(Mark mark, Database serving, long bytes, long now) {
    mark.archivedAt = now;
    mark.bytesWhenArchived = bytes;
    mark.archivedUpTo = serving.durableOffset();
  }

  /** It sleeps and is kept all the same: the journal is new and was not told, or it is unstored. */
  private void lookAsleep(DatabaseKey key, Mark mark, long now) {
    if (!mark.releaseAsked) {
      if (begin(key, mark, () -> release.release(key))) {
        mark.releaseAsked = true;
        mark.storedAt = now;
      }
    } else if (now - mark.storedAt >= limits.unstoredAge().toNanos()) {
      mark.storedAt = now;
      residence.submit(key, WakeReason.UPKEEP, new Look());
    }
  }

  private interface Work {
    CompletionStage<Void> begin();
  }

  /** Begins a piece of work, unless as many are under way as may be. */
  private boolean begin(DatabaseKey key, Mark mark, Work work) {
    if (underWay.incrementAndGet() > limits.concurrent()) {
      underWay.decrementAndGet();
      return false;
    }
    mark.busy = true;
    CompletionStage<Void> done;
    try {
      done = work.begin();
    } catch (RuntimeException e) {
      done = CompletableFuture.failedStage(e);
    }
    var unused =
        done.whenComplete(
            (nothing, failure) -> {
              underWay.decrementAndGet();
              mark.busy = false;
              if (failure != null) {
                LOG.log(
                    System.Logger.Level.WARNING,
                    "the log of {0} could not be stored, and is tried again: {1}",
                    key,
                    failure instanceof CompletionException ? failure.getCause() : failure);
              }
            });
    return true;
  }

  private CompletionStage<Void> archive(Database serving) {
    DatabaseContext awake = serving.context();
    return context
        .archive()
        .archive(
            new ArchiveRange(
                awake.key(),
                awake.epoch(),
                new TxOffset(serving.durableOffset()),
                serving.program().hash(),
                awake.owner()));
  }

  private CompletionStage<Void> checkpoint(Database serving) {
    CompletableFuture<Rest> captured = new CompletableFuture<>();
    Checkpoint wish =
        new Checkpoint(
            new Reply<>() {
              @Override
              public void done(Rest rest) {
                captured.complete(rest);
              }

              @Override
              public void refused(EngineException why) {
                captured.completeExceptionally(why);
              }
            });
    if (serving.submit(wish) != Submission.QUEUED) {
      return CompletableFuture.completedStage(null); // It falls asleep, or is busy: next time.
    }
    // Answered on the lane, which must not block; the stores are for workers.
    CompletableFuture<Void> stored = new CompletableFuture<>();
    var unused =
        captured.whenComplete(
            (rest, failure) -> {
              if (failure != null) {
                stored.completeExceptionally(failure);
                return;
              }
              try {
                context.workers().execute(() -> keep(serving.context(), rest, stored));
              } catch (RejectedExecutionException e) {
                rest.capture().close();
                stored.completeExceptionally(e);
              }
            });
    return stored;
  }

  private void keep(DatabaseContext awake, Rest rest, CompletableFuture<Void> stored) {
    try {
      new Bedding(context)
          .keep(awake, rest)
          .whenComplete(
              (nothing, failure) -> {
                if (failure == null) {
                  stored.complete(null);
                } else {
                  stored.completeExceptionally(failure);
                }
              });
    } catch (IOException | RuntimeException e) {
      stored.completeExceptionally(e);
    } catch (Error e) {
      stored.completeExceptionally(e);
      throw e;
    }
  }
}
