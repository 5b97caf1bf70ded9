package dev.dormouse.simulation;

import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.database.DatabaseLimits;
import dev.dormouse.residence.ResidenceLimits;
import dev.dormouse.snapshot.SnapshotLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What one world is like.
 *
 * @param databases how many are published at first
 * @param callers who call over HTTP, per database
 * @param apps who hold sockets, per database
 * @param deeds what each of them does before it stops
 * @param idleShare percent of the pauses between deeds that are long enough to fall asleep in
 * @param crashes how often the process dies, at most
 * @param crashRarity one in so many steps of a process is its last, while it may die
 * @param powerCuts whether a death can take what was not synced
 * @param diskFaults whether appends and syncs can fail, and the disk be full
 * @param storeFaults one in so many calls of a store fails; 0 for none
 * @param stalls whether the whole process may stop for seconds
 * @param yieldPercent how often a task comes off at a seam
 * @param racePerMille how often a task comes off at a shared access, where the world is racing
 * @param slow tasks that are rarely stepped
 * @param epochPerTake whether each wake has its own epoch, or each process
 * @param republishes whether owners publish again and delete
 * @param laneThreads threads that lanes share
 * @param workerThreads threads that wakes, sleeps and publishes share
 */
@SuppressWarnings({
  "EnumOrdinal",
  "NarrowCalculation"
}) // drawn at random by position; products are small
record Conditions(
    int databases,
    int callers,
    int apps,
    int deeds,
    int idleShare,
    int crashes,
    int crashRarity,
    boolean powerCuts,
    boolean diskFaults,
    int storeFaults,
    boolean stalls,
    int yieldPercent,
    int racePerMille,
    Optional<TaskKind> slow,
    boolean epochPerTake,
    boolean republishes,
    int laneThreads,
    int workerThreads,
    ResidenceLimits residence,
    DatabaseLimits database,
    LogLimits log,
    SnapshotLimits snapshot) {
  private static final int KIB = 1 << 10;

  /** Chunks even of small databases. */
  private static final SnapshotLimits SMALL_CHUNKS =
      new SnapshotLimits(0, 256, KIB, 4 * KIB, 64 * KIB, 1 << 20);

  /** Whether queues are long enough for whatever the world does. */
  boolean isRoomy() {
    return residence.parking().requests() > 1_000
        && residence.wakes().waiting() > 1_000
        && database.queuedRequests() > 1_000;
  }

  /** The conditions of a seed's world. */
  static Conditions of(RandomGenerator random) {
    boolean crashes = random.nextInt(3) != 0;
    boolean faults = random.nextInt(3) == 0;
    boolean narrow = random.nextInt(5) == 0;
    Optional<TaskKind> slow =
        random.nextInt(3) == 0
            ? Optional.empty()
            : Optional.of(TaskKind.values()[random.nextInt(2, TaskKind.values().length)]);
    return new Conditions(
            random.nextInt(1, 4),
            random.nextInt(1, 4),
            random.nextInt(0, 4),
            random.nextInt(4, 24),
            random.nextInt(5, 60),
            crashes ? random.nextInt(1, 4) : 0,
            random.nextInt(300, 6_000),
            random.nextInt(3) != 0,
            faults && random.nextBoolean(),
            faults && random.nextBoolean() ? random.nextInt(8, 80) : 0,
            random.nextInt(8) == 0,
            random.nextInt(0, 60),
            random.nextInt(20, 250),
            slow,
            random.nextBoolean(),
            random.nextInt(3) == 0,
            random.nextInt(1, 4),
            random.nextInt(1, 4),
            residence(random, narrow),
            database(random, narrow),
            log(random),
            random.nextBoolean() ? SnapshotLimits.DEFAULTS : SMALL_CHUNKS)
        .withSleepersKept(random.nextInt(0, 3));
  }

  /** The conditions of a crowd whose disk fails. */
  static Conditions badDisk(RandomGenerator random) {
    Conditions drawn = of(random);
    return drawn.with(drawn.residence, drawn.log, true);
  }

  /**
   * The conditions of a quiet world in which everything is stored at once, also while it serves,
   * and journal files are small.
   */
  static Conditions watchful(RandomGenerator random) {
    Conditions quiet = quiet(random);
    boolean sleepless = random.nextBoolean();
    ResidenceLimits residence =
        quiet
            .residence
            .withIdleAfter(sleepless ? Duration.ofDays(1) : quiet.residence.idleAfter())
            .withUpkeep(
                new ResidenceLimits.Upkeep(
                    1,
                    Duration.ZERO,
                    random.nextBoolean() ? 1 : 64 * KIB,
                    Duration.ZERO,
                    Duration.ofSeconds(2),
                    2));
    int commit = 16 * KIB;
    LogLimits small =
        new LogLimits(
            commit, 4 * KIB, commit + 4 * KIB, 4 * commit, commit, commit, random.nextInt(KIB), 2);
    return quiet.with(residence, small, false);
  }

  /** The conditions of a world in which nothing goes wrong and nobody comes but one visitor. */
  static Conditions quiet(RandomGenerator random) {
    Conditions drawn = of(random);
    return new Conditions(
            1,
            0,
            1,
            0,
            0,
            0,
            1,
            true,
            false,
            0,
            false,
            drawn.yieldPercent(),
            drawn.racePerMille(),
            drawn.slow(),
            drawn.epochPerTake(),
            false,
            drawn.laneThreads(),
            drawn.workerThreads(),
            residence(random, false),
            database(random, false),
            drawn.log(),
            drawn.snapshot())
        .withSleepersKept(random.nextInt(0, 3));
  }

  private Conditions withSleepersKept(int kept) {
    return with(residence.withSleepersKept(kept), log, diskFaults);
  }

  private Conditions with(ResidenceLimits otherResidence, LogLimits otherLog, boolean badDisk) {
    return new Conditions(
        databases,
        callers,
        apps,
        deeds,
        idleShare,
        crashes,
        crashRarity,
        powerCuts,
        badDisk,
        storeFaults,
        stalls,
        yieldPercent,
        racePerMille,
        slow,
        epochPerTake,
        republishes,
        laneThreads,
        workerThreads,
        otherResidence,
        database,
        otherLog,
        snapshot);
  }

  private static ResidenceLimits residence(RandomGenerator random, boolean narrow) {
    return new ResidenceLimits(
        Duration.ofMillis(random.nextInt(1, 2_000)),
        new ResidenceLimits.Wakes(random.nextInt(1, 4), narrow ? random.nextInt(0, 3) : 100_000),
        new ResidenceLimits.Parking(
            narrow ? random.nextInt(1, 6) : 4_096, 64L << 20, Duration.ofSeconds(30)),
        new ResidenceLimits.Retries(Duration.ofSeconds(1), Duration.ofSeconds(8)),
        new ResidenceLimits.Kept(random.nextBoolean() ? 0 : 256L << 20, 1_024),
        upkeep(random),
        ResidenceLimits.Retention.STANDARD);
  }

  private static ResidenceLimits.Upkeep upkeep(RandomGenerator random) {
    int archive = random.nextInt(1, 4 * KIB);
    return random.nextInt(4) == 0
        ? ResidenceLimits.Upkeep.STANDARD
        : new ResidenceLimits.Upkeep(
            archive,
            Duration.ofMillis(random.nextInt(4_000)),
            archive + random.nextInt(8 * KIB),
            Duration.ofMillis(random.nextInt(6_000)),
            Duration.ofMillis(random.nextInt(1, 8_000)),
            random.nextInt(1, 4));
  }

  private static DatabaseLimits database(RandomGenerator random, boolean narrow) {
    DatabaseLimits usual = DatabaseLimits.DEFAULT;
    return new DatabaseLimits(
        narrow ? random.nextInt(2, 12) : usual.queuedRequests(),
        usual.queuedBytes(),
        random.nextBoolean() ? random.nextInt(1, 5) : usual.drainRequests(),
        usual.argumentBytes(),
        usual.callCpu(),
        usual.sqlRows(),
        usual.sqlResultBytes(),
        usual.sqlTime(),
        usual.logLineBytes(),
        usual.logLinesPerCall());
  }

  private static LogLimits log(RandomGenerator random) {
    if (random.nextBoolean()) {
      return LogLimits.DEFAULT;
    }
    int commit = 64 * KIB;
    return new LogLimits(
        commit,
        random.nextInt(1, 8 * KIB),
        2 * commit,
        random.nextBoolean() ? commit : 4 * commit,
        commit,
        KIB,
        random.nextInt(0, 2 * KIB),
        random.nextInt(1, 4));
  }
}
