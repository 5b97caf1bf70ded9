package dev.dormouse.commitlog;

import java.util.ArrayList;
import java.util.List;

/** What the journal holds of one database. Guarded by {@link JournalIndex}. */
final class KeyRuns {
  final DatabaseKey key;

  /** In the order written; epochs never fall, and rise where offsets do not follow. */
  final List<Run> runs = new ArrayList<>();

  /** Offsets below this need not be kept here. */
  long archivedBelow;

  private final EpochMerge epochs = new EpochMerge();
  private long lastEpoch = -1;

  KeyRuns(DatabaseKey key) {
    this.key = key;
  }

  /** Notes where an epoch begins; it may be said again as long as it has no records. */
  void beginEpoch(long epoch, long first) {
    lastEpoch = Math.max(lastEpoch, epoch);
    epochs.begin(new Epoch(epoch), new TxOffset(first));
  }

  long lastEpoch() {
    return lastEpoch;
  }

  /** Adds what is known to continue the last run, or to begin an epoch, or to follow a trim. */
  void add(Run run, LogLimits limits) {
    if (runs.isEmpty() || run.epoch() > runs.getLast().epoch()) {
      beginEpoch(run.epoch(), run.first());
    }
    int size = runs.size();
    if (size > 0 && runs.getLast().isContinuedBy(run)) {
      Run joined = runs.getLast().joinedWith(run);
      long gap = run.start() - runs.getLast().end();
      // Stretches stay short, so that reading from the middle of a file skips what is before.
      long stretchMax = limits.fileBytesMax() / limits.indexRunsMax();
      if (gap <= limits.indexGapBytesMax() && joined.end() - joined.start() <= stretchMax) {
        runs.set(size - 1, joined);
        return;
      }
    }
    runs.add(run);
    if (runsIn(run.file()) > limits.indexRunsMax()) {
      joinNearest(run.file());
    }
  }

  private int runsIn(JournalFile file) {
    int count = 0;
    for (int i = runs.size() - 1; i >= 0 && runs.get(i).file() == file; i--) {
      count++;
    }
    return count;
  }

  /** Joins the two neighbours of the newest file with the fewest bytes between them. */
  private void joinNearest(JournalFile file) {
    int nearest = -1;
    long gapMin = Long.MAX_VALUE;
    for (int i = runs.size() - 1; i > 0 && runs.get(i - 1).file() == file; i--) {
      long gap = runs.get(i).start() - runs.get(i - 1).end();
      if (gap < gapMin && runs.get(i - 1).isContinuedBy(runs.get(i))) {
        gapMin = gap;
        nearest = i;
      }
    }
    if (nearest > 0) {
      runs.set(nearest - 1, runs.get(nearest - 1).joinedWith(runs.get(nearest)));
      runs.remove(nearest);
    }
  }

  /** The last offset of a run that counts; below its first if none does. */
  long lastValid(Run run) {
    return Math.min(run.last(), epochs.validBelow(new Epoch(run.epoch())) - 1);
  }

  /** The first offset of a run that must be kept. */
  long firstKept(Run run) {
    return Math.max(run.first(), archivedBelow);
  }

  boolean isReleased(Run run) {
    return lastValid(run) < firstKept(run);
  }

  EpochMerge.Plan<Run> plan(long from) {
    List<EpochSpan<Run>> spans = new ArrayList<>(runs.size());
    for (Run run : runs) {
      spans.add(
          new EpochSpan<>(
              run, new Epoch(run.epoch()), new TxOffset(run.first()), new TxOffset(run.last())));
    }
    return epochs.plan(new TxOffset(from), spans);
  }
}
