package dev.dormouse.residence;

import java.time.Duration;

/**
 * Bounds of the databases of a node.
 *
 * @param idleAfter a database falls asleep after this long without use
 * @param concurrentWakes wakes under way at a time; others wait
 * @param waitingWakes wakes that wait; one more is refused
 * @param parkedRequests requests of one database that wait for its wake; one more is refused
 * @param parkedBytes of what callers have sent with them; a request that does not fit is refused,
 *     unless it is alone
 * @param parkedFor a request that has waited this long for a wake is refused
 * @param retryAfter a database that could not be opened is tried again after this long, doubled
 *     with each failure
 * @param retryAfterMax and at most after this long
 * @param programBytes footprint of loaded programs kept for databases that sleep
 * @param sleepersKept databases of which it is kept in memory that they sleep, how they woke last
 *     and what they run; of more nothing is in memory, those that slept longest
 * @param upkeep of what is stored in the background
 * @param retention of what is removed from the stores
 */
public record ResidenceLimits(
    Duration idleAfter,
    int concurrentWakes,
    int waitingWakes,
    int parkedRequests,
    long parkedBytes,
    Duration parkedFor,
    Duration retryAfter,
    Duration retryAfterMax,
    long programBytes,
    int sleepersKept,
    Upkeep upkeep,
    Retention retention) {
  /**
   * 30 s idle, 4 wakes at a time, 100,000 waiting, 4,096 requests of 64 MiB parked for up to 30 s.
   */
  public static final ResidenceLimits STANDARD =
      new ResidenceLimits(
          Duration.ofSeconds(30),
          4,
          100_000,
          4_096,
          64L << 20,
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          256L << 20);

  /**
   * Bounds of what is stored while databases serve.
   *
   * @param archiveBytes of log of one database that are not archived; more are
   * @param archiveAge or, if there are any, after this long
   * @param snapshotLogBytes of log of one database that the journal keeps, at which its state is
   *     stored so that they may go; more for a database of more than twice as many bytes, so that
   *     storing costs at most twice what is written
   * @param stragglerAge a database that alone keeps a journal file is stored after this long
   * @param unstoredAge a database whose sleep could not be stored is woken after this long, to try
   *     again
   * @param concurrent stores under way at a time
   */
  public record Upkeep(
      long archiveBytes,
      Duration archiveAge,
      long snapshotLogBytes,
      Duration stragglerAge,
      Duration unstoredAge,
      int concurrent) {
    /** Archives 16 MiB or 5 minutes; a snapshot for each 64 MiB; two at a time. */
    public static final Upkeep STANDARD =
        new Upkeep(
            16L << 20,
            Duration.ofMinutes(5),
            64L << 20,
            Duration.ofMinutes(10),
            Duration.ofMinutes(1),
            2);

    public Upkeep {
      if (archiveBytes <= 0 || snapshotLogBytes < archiveBytes || concurrent <= 0) {
        throw new IllegalArgumentException(
            "archive at %d bytes, snapshot at %d, %d at a time: all above zero, in this order"
                .formatted(archiveBytes, snapshotLogBytes, concurrent));
      }
    }
  }

  /**
   * Bounds of what is kept in the stores of cold state.
   *
   * @param snapshotsKept newest snapshots of a living database that stay, whatever their age
   * @param restoreWindow commits this young stay restorable: their records, and a snapshot before
   *     them
   * @param snapshotSpacing within the window one snapshot per this long stays
   * @param grace what nothing needs any more is removed after this long, so that whoever was about
   *     to read or to name it has done so
   * @param programGrace programs that no database runs, and what was compiled of them, stay for
   *     this long; at least for the window, whose records may be of them
   * @param batch databases looked at per transaction
   */
  public record Retention(
      int snapshotsKept,
      Duration restoreWindow,
      Duration snapshotSpacing,
      Duration grace,
      Duration programGrace,
      int batch) {
    /** Two snapshots, 7 days, one snapshot per day; 15 minutes of grace, 7 days for programs. */
    public static final Retention STANDARD =
        new Retention(
            2,
            Duration.ofDays(7),
            Duration.ofDays(1),
            Duration.ofMinutes(15),
            Duration.ofDays(7),
            256);

    public Retention {
      if (snapshotsKept < 1 || batch < 1 || snapshotSpacing.isZero()) {
        throw new IllegalArgumentException(
            "%d snapshots, batches of %d, one snapshot per %s: all must be above zero"
                .formatted(snapshotsKept, batch, snapshotSpacing));
      }
      if (restoreWindow.isNegative() || programGrace.compareTo(restoreWindow) < 0) {
        throw new IllegalArgumentException(
            "a restore window of %s, and %s for programs: must not be shorter"
                .formatted(restoreWindow, programGrace));
      }
    }
  }

  public ResidenceLimits {
    if (idleAfter.isNegative() || idleAfter.isZero()) {
      throw new IllegalArgumentException("idleAfter is " + idleAfter + ", must be above zero");
    }
    if (concurrentWakes <= 0
        || waitingWakes < 0
        || parkedRequests <= 0
        || parkedBytes <= 0
        || programBytes < 0
        || sleepersKept < 0) {
      throw new IllegalArgumentException(
          "every residence limit must be positive, or zero where that has a meaning");
    }
    if (retryAfterMax.compareTo(retryAfter) < 0 || retryAfter.isNegative()) {
      throw new IllegalArgumentException(
          "retry after %s to %s, must rise".formatted(retryAfter, retryAfterMax));
    }
  }

  /** With 1,024 sleepers kept, and the standard upkeep and retention. */
  public ResidenceLimits(
      Duration idleAfter,
      int concurrentWakes,
      int waitingWakes,
      int parkedRequests,
      long parkedBytes,
      Duration parkedFor,
      Duration retryAfter,
      Duration retryAfterMax,
      long programBytes) {
    this(
        idleAfter,
        concurrentWakes,
        waitingWakes,
        parkedRequests,
        parkedBytes,
        parkedFor,
        retryAfter,
        retryAfterMax,
        programBytes,
        1_024,
        Upkeep.STANDARD,
        Retention.STANDARD);
  }

  /** The same with another idle time. */
  public ResidenceLimits withIdleAfter(Duration idle) {
    return new ResidenceLimits(
        idle,
        concurrentWakes,
        waitingWakes,
        parkedRequests,
        parkedBytes,
        parkedFor,
        retryAfter,
        retryAfterMax,
        programBytes,
        sleepersKept,
        upkeep,
        retention);
  }

  /** The same with other numbers of wakes, under way and waiting. */
  public ResidenceLimits withWakes(int atATime, int waiting) {
    return new ResidenceLimits(
        idleAfter,
        atATime,
        waiting,
        parkedRequests,
        parkedBytes,
        parkedFor,
        retryAfter,
        retryAfterMax,
        programBytes,
        sleepersKept,
        upkeep,
        retention);
  }

  /** The same with another bound of loaded programs. */
  public ResidenceLimits withProgramBytes(long bytes) {
    return new ResidenceLimits(
        idleAfter,
        concurrentWakes,
        waitingWakes,
        parkedRequests,
        parkedBytes,
        parkedFor,
        retryAfter,
        retryAfterMax,
        bytes,
        sleepersKept,
        upkeep,
        retention);
  }

  /** The same with another upkeep. */
  public ResidenceLimits withUpkeep(Upkeep other) {
    return new ResidenceLimits(
        idleAfter,
        concurrentWakes,
        waitingWakes,
        parkedRequests,
        parkedBytes,
        parkedFor,
        retryAfter,
        retryAfterMax,
        programBytes,
        sleepersKept,
        other,
        retention);
  }

  /** The same with another number of sleepers. */
  public ResidenceLimits withSleepersKept(int other) {
    return new ResidenceLimits(
        idleAfter,
        concurrentWakes,
        waitingWakes,
        parkedRequests,
        parkedBytes,
        parkedFor,
        retryAfter,
        retryAfterMax,
        programBytes,
        other,
        upkeep,
        retention);
  }

  /** The same with another retention. */
  public ResidenceLimits withRetention(Retention other) {
    return new ResidenceLimits(
        idleAfter,
        concurrentWakes,
        waitingWakes,
        parkedRequests,
        parkedBytes,
        parkedFor,
        retryAfter,
        retryAfterMax,
        programBytes,
        sleepersKept,
        upkeep,
        other);
  }
}
