package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.residence.SnapshotStore.SweepReport;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Removes from the stores what no snapshot, restore window or fork needs, and never anything else.
 * Source: design §6.
 *
 * <p>Each thing goes in two phases with a grace between them: first it is noted that nothing needs
 * it, durably; then it is removed, and only then the note of it. So it may die at any moment:
 * whatever was not finished is found again by the next pass. What fails is told and is tried again
 * by the next pass, and what is behind it is done all the same.
 *
 * <p>Somebody calls {@link #pass} now and then, one thread at a time; it blocks.
 */
public final class Retention {
  private static final System.Logger LOG = System.getLogger("dormouse.database");

  private final Lives lives;
  private final SnapshotStore snapshots;
  private final SegmentStore segments;
  private final ArchivePositions positions;
  private final Leftovers leftovers;
  private final ResidenceLimits.Retention limits;
  private final Mode mode;
  private volatile boolean stopped;

  /** What becomes of what nothing needs. */
  public enum Mode {
    /** It is removed. */
    REMOVE,
    /** It is named in the log and left alone. */
    DRY_RUN
  }

  /**
   * What a pass removed, or would have.
   *
   * @param lives whose databases were deleted or began another one
   * @param segments objects of the archive
   * @param snapshots how many
   * @param chunks of snapshots
   * @param snapshotBytes of snapshots and chunks, as stored
   */
  public record Report(long lives, long segments, long snapshots, long chunks, long snapshotBytes) {
    /** Whether there was nothing to remove. */
    public boolean isEmpty() {
      return lives == 0 && segments == 0 && snapshots == 0 && chunks == 0;
    }
  }

  /** Retention in these stores. */
  public Retention(
      Lives lives,
      SnapshotStore snapshots,
      SegmentStore segments,
      ArchivePositions positions,
      Leftovers leftovers,
      ResidenceLimits.Retention limits,
      Mode mode) {
    this.lives = lives;
    this.snapshots = snapshots;
    this.segments = segments;
    this.positions = positions;
    this.leftovers = leftovers;
    this.limits = limits;
    this.mode = mode;
  }

  /** Lets a pass that is under way end after the piece of work it is at; any thread. */
  public void stop() {
    stopped = true;
  }

  /** Looks through the stores once. */
  public Report pass() {
    Pass pass = new Pass();
    attempt("lives that ended", pass::ended);
    attempt("snapshots that were retired", pass::sweepSnapshots);
    Report report = pass.report();
    if (!report.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "retention {0} {1}",
          mode == Mode.DRY_RUN ? "would remove" : "removed",
          report);
    }
    return report;
  }

  private interface Work {
    void run() throws IOException;
  }

  private void attempt(String what, Work work) {
    if (stopped) {
      return;
    }
    try {
      work.run();
    } catch (IOException | EngineException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} could not be removed from the stores; tried again: {1}",
          what,
          e);
    }
  }

  private final class Pass {
    private long ended;
    private long segmentsGone;
    private SweepReport swept = new SweepReport(0, 0, 0);

    Report report() {
      return new Report(ended, segmentsGone, swept.snapshots(), swept.chunks(), swept.bytes());
    }

    // ---- lives that have ended ----

    private void ended() throws IOException {
      lives.notice();
      Optional<Lives.Ended> last = Optional.empty();
      List<Lives.Ended> batch;
      do {
        batch = lives.ended(limits.grace(), last, limits.batch());
        for (Lives.Ended life : batch) {
          attempt("life " + life.key(), () -> sweep(life));
        }
        last = batch.isEmpty() ? last : Optional.of(batch.getLast());
      } while (batch.size() == limits.batch() && !stopped);
    }

    private void sweep(Lives.Ended life) throws IOException {
      DatabaseKey key = life.key();
      int objects = segments.list(SegmentName.folder(key)).size();
      if (mode == Mode.DRY_RUN) {
        LOG.log(
            System.Logger.Level.INFO,
            "retention would remove life {0}: {1} snapshots, {2} segments{3}",
            key,
            snapshots.list(key).size(),
            objects,
            life.deleted() ? ", the logs of its module" : "");
      } else {
        snapshots.retireAll(key);
        segments.deleteAll(key);
        positions.forget(key);
        if (life.deleted()) {
          leftovers.remove(life.database());
        }
        lives.swept(life);
      }
      ended++;
      segmentsGone += objects;
    }

    // ---- snapshots, of whomever ----

    private void sweepSnapshots() throws IOException {
      swept = snapshots.sweep(limits.grace(), mode == Mode.DRY_RUN);
    }
  }
}
