package dev.dormouse.residence;

import dev.dormouse.residence.SnapshotStore.SnapshotSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Which snapshots of a living database are needed: the newest ones; the newest that is older than
 * the restore window, since records of the window go on from there; and in the window one per
 * spacing. What is kept once is kept until it leaves the window: a pass never retires what the one
 * before kept as the first of its span.
 */
final class SnapshotAges {
  private final ResidenceLimits.Retention limits;
  private final long windowMicros;
  private final long spacingMicros;

  SnapshotAges(ResidenceLimits.Retention limits, Instant now) {
    this.limits = limits;
    this.windowMicros = micros(now) - micros(limits.restoreWindow());
    this.spacingMicros = micros(limits.snapshotSpacing());
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  private static long micros(Duration duration) {
    return duration.toSeconds() * 1_000_000 + duration.toNanosPart() / 1_000;
  }

  /** Whether all commits of the restore window are behind a snapshot, or in its state. */
  boolean isBeforeWindow(SnapshotSummary snapshot) {
    return snapshot.lastTimestampMicros() <= windowMicros;
  }

  /**
   * Those that nothing needs.
   *
   * @param snapshots of one database, oldest first
   */
  List<SnapshotSummary> surplus(List<SnapshotSummary> snapshots) {
    List<SnapshotSummary> surplus = new ArrayList<>();
    int firstOfNewest = Math.max(0, snapshots.size() - limits.snapshotsKept());
    boolean anyKept = false;
    long lastKept = 0;
    for (int i = 0; i < firstOfNewest; i++) {
      SnapshotSummary snapshot = snapshots.get(i);
      boolean replaced = isBeforeWindow(snapshots.get(i + 1));
      boolean close = anyKept && snapshot.lastTimestampMicros() - lastKept < spacingMicros;
      if (replaced || close) {
        surplus.add(snapshot);
      } else {
        anyKept = true;
        lastKept = snapshot.lastTimestampMicros();
      }
    }
    return surplus;
  }
}
