package dev.dormouse.residence;

import java.time.Duration;

/**
 * Bounds of the databases of a node.
 *
 * @param idleAfter a database falls asleep after this long without use
 * @param wakes of databases that are to serve
 * @param parking of requests that wait for them
 * @param retries of databases that could not be opened
 * @param kept of what is in memory of databases that sleep
 * @param upkeep of what is stored in the background
 * @param retention of what is removed from the stores
 */
public record ResidenceLimits(
    Duration idleAfter,
    Wakes wakes,
    Parking parking,
    Retries retries,
    Kept kept,
    Upkeep upkeep,
    Retention retention) {
  /** 30 s idle, and the standard of everything else. */
  public static final ResidenceLimits STANDARD =
      new ResidenceLimits(
          Duration.ofSeconds(30),
          Wakes.STANDARD,
          Parking.STANDARD,
          Retries.STANDARD,
          Kept.STANDARD,
          Upkeep.STANDARD,
          Retention.STANDARD);

  /**
   * Bounds of wakes.
   *
   * @param concurrent wakes under way at a time; others wait
   * @param waiting wakes that wait; one more is refused
   */
  public record Wakes(int concurrent, int waiting) {
    /** 4 at a time, 100,000 waiting. */
    public static final Wakes STANDARD = new Wakes(4, 100_000);

    public Wakes {
      if (concurrent <= 0 || waiting < 0) {
        throw new IllegalArgumentException(
            "%d wakes at a time, %d waiting: must be above zero, and not below"
                .formatted(concurrent, waiting));
      }
    }
  }

  /**
   * Bounds of the requests of one database that wait for it to serve.
   *
   * @param requests requests of one database that wait for its wake; one more is refused
   * @param bytes of what callers have sent with them; a request that does not fit is refused,
   *     unless it is alone
   * @param atMost a request that has waited this long for a wake is refused
   */
  public record Parking(int requests, long bytes, Duration atMost) {
    /** 4,096 requests of 64 MiB for up to 30 s. */
    public static final Parking STANDARD = new Parking(4_096, 64L << 20, Duration.ofSeconds(30));

    public Parking {
      if (requests <= 0 || bytes <= 0) {
        throw new IllegalArgumentException(
            "room for %d requests of %d bytes: must be above zero".formatted(requests, bytes));
      }
    }
  }

  /**
   * When a database that could not be opened is tried again.
   *
   * @param first a database that could not be opened is tried again after this long, doubled with
   *     each failure
   * @param max and at most after this long
   */
  public record Retries(Duration first, Duration max) {
    /** After 1 s to 1 minute. */
    public static final Retries STANDARD =
        new Retries(Duration.ofSeconds(1), Duration.ofMinutes(1));

    public Retries {
      if (max.compareTo(first) < 0 || first.isNegative()) {
        throw new IllegalArgumentException("retry after %s to %s, must rise".formatted(first, max));
      }
    }
  }

  /**
   * Bounds of what is in memory for databases that sleep.
   *
   * @param programBytes footprint of loaded programs kept for databases that sleep
   * @param sleepers databases of which it is kept that they sleep, how they woke last and what they
   *     run; of more nothing is in memory, those that slept longest
   */
  public record Kept(long programBytes, int sleepers) {
    /** Programs of 256 MiB, 1,024 sleepers. */
    public static final Kept STANDARD = new Kept(256L << 20, 1_024);

    public Kept {
      if (programBytes < 0 || sleepers < 0) {
        throw new IllegalArgumentException(
            "programs of %d bytes, %d sleepers: must not be below zero"
                .formatted(programBytes, sleepers));
      }
    }
  }

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
  }

  /** The same with another idle time. */
  public ResidenceLimits withIdleAfter(Duration other) {
    return new ResidenceLimits(other, wakes, parking, retries, kept, upkeep, retention);
  }

  /** The same with other bounds of wakes. */
  public ResidenceLimits withWakes(Wakes other) {
    return new ResidenceLimits(idleAfter, other, parking, retries, kept, upkeep, retention);
  }

  /** The same with another room for requests. */
  public ResidenceLimits withParking(Parking other) {
    return new ResidenceLimits(idleAfter, wakes, other, retries, kept, upkeep, retention);
  }

  /** The same with other times of retries. */
  public ResidenceLimits withRetries(Retries other) {
    return new ResidenceLimits(idleAfter, wakes, parking, other, kept, upkeep, retention);
  }

  private ResidenceLimits withKept(Kept other) {
    return new ResidenceLimits(idleAfter, wakes, parking, retries, other, upkeep, retention);
  }

  /** The same with another upkeep. */
  public ResidenceLimits withUpkeep(Upkeep other) {
    return new ResidenceLimits(idleAfter, wakes, parking, retries, kept, other, retention);
  }

  /** The same with another retention. */
  public ResidenceLimits withRetention(Retention other) {
    return new ResidenceLimits(idleAfter, wakes, parking, retries, kept, upkeep, other);
  }

  /** The same with another bound of loaded programs. */
  public ResidenceLimits withProgramBytes(long bytes) {
    return withKept(new Kept(bytes, kept.sleepers()));
  }

  /** The same with another number of sleepers. */
  public ResidenceLimits withSleepersKept(int sleepers) {
    return withKept(new Kept(kept.programBytes(), sleepers));
  }
}
