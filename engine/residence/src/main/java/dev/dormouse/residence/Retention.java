package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.SnapshotStore.SnapshotSummary;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

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
  private final ArchiveReader archived;
  private final ArtefactStore artefacts;
  private final Supplier<Set<ModuleHash>> running;
  private final Leftovers leftovers;
  private final ResidenceLimits.Retention limits;
  private final InstantSource clock;
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
   * @param retired snapshots of living databases; removed by a later pass
   * @param snapshots retired before, and removed now
   * @param chunks that no snapshot names
   * @param programs that no database runs
   * @param bytes of snapshots, chunks and programs, as stored
   */
  public record Report(
      long lives,
      long segments,
      long retired,
      long snapshots,
      long chunks,
      long programs,
      long bytes) {
    /** Whether there was nothing to remove. */
    public boolean isEmpty() {
      return equals(new Report(0, 0, 0, 0, 0, 0, 0));
    }
  }

  /**
   * The stores of a node.
   *
   * @param archived reads in the segments
   * @param running programs of databases in memory, whatever the catalog was told
   * @param leftovers what is kept beside them
   */
  public record Stores(
      Lives lives,
      SnapshotStore snapshots,
      SegmentStore segments,
      ArchivePositions positions,
      ArchiveReader archived,
      ArtefactStore artefacts,
      Supplier<Set<ModuleHash>> running,
      Leftovers leftovers) {}

  /**
   * Retention in these stores.
   *
   * @param clock tells which commits are in the restore window
   */
  public Retention(
      Stores stores, ResidenceLimits.Retention limits, InstantSource clock, Mode mode) {
    this.lives = stores.lives();
    this.snapshots = stores.snapshots();
    this.segments = stores.segments();
    this.positions = stores.positions();
    this.archived = stores.archived();
    this.artefacts = stores.artefacts();
    this.running = stores.running();
    this.leftovers = stores.leftovers();
    this.limits = limits;
    this.clock = clock;
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
    attempt("snapshots and segments of the living", pass::living);
    attempt("snapshots that were retired", pass::sweepSnapshots);
    attempt("programs that nothing runs", pass::sweepPrograms);
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
    private long retired;
    private SnapshotStore.SweepReport swept = new SnapshotStore.SweepReport(0, 0, 0);
    private ArtefactStore.SweepReport sweptPrograms = new ArtefactStore.SweepReport(0, 0, 0);

    Report report() {
      return new Report(
          ended,
          segmentsGone,
          retired,
          swept.snapshots(),
          swept.chunks(),
          sweptPrograms.programs(),
          swept.bytes() + sweptPrograms.bytes());
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

    // ---- databases that live ----

    private void living() throws IOException {
      SnapshotAges ages = new SnapshotAges(limits, clock.instant());
      Optional<DatabaseKey> last = Optional.empty();
      List<DatabaseKey> batch;
      do {
        batch = snapshots.withMoreThan(limits.snapshotsKept(), last, limits.batch());
        for (DatabaseKey key : batch) {
          attempt("what is old of " + key, () -> thin(key, ages));
        }
        last = batch.isEmpty() ? last : Optional.of(batch.getLast());
      } while (batch.size() == limits.batch() && !stopped);
    }

    private void thin(DatabaseKey key, SnapshotAges ages) throws IOException {
      List<Long> surplus =
          ages.surplus(snapshots.list(key)).stream().map(SnapshotSummary::nextOffset).toList();
      if (!surplus.isEmpty() && mode == Mode.REMOVE) {
        snapshots.retire(key, surplus);
      }
      // Before the sweep takes the snapshots that were retired: they are why it is looked at again.
      Optional<SnapshotSummary> oldest = snapshots.oldest(key, limits.grace());
      List<SegmentName> old =
          oldest.isPresent() && ages.isBeforeWindow(oldest.get())
              ? archived.before(key, new TxOffset(oldest.get().nextOffset()))
              : List.of();
      for (SegmentName name : old) {
        if (mode == Mode.REMOVE) {
          segments.delete(name.path());
        }
      }
      if (mode == Mode.DRY_RUN && !(surplus.isEmpty() && old.isEmpty())) {
        LOG.log(
            System.Logger.Level.INFO,
            "retention would remove of {0} the snapshots before commits {1}, and segments {2}",
            key,
            surplus,
            old);
      }
      retired += surplus.size();
      segmentsGone += old.size();
    }

    // ---- snapshots and programs, of whomever ----

    private void sweepSnapshots() throws IOException {
      swept = snapshots.sweep(limits.grace(), mode == Mode.DRY_RUN);
    }

    private void sweepPrograms() throws IOException {
      // In this order: one that is put to bed in between tells the catalog before it is gone here.
      Set<ModuleHash> needed = new HashSet<>(running.get());
      needed.addAll(lives.programs(limits.programGrace()));
      sweptPrograms = artefacts.sweep(needed, limits.programGrace(), mode == Mode.DRY_RUN);
    }
  }
}
