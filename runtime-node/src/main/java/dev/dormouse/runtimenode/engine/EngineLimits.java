package dev.dormouse.runtimenode.engine;

import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.MemoryShare;
import java.time.Duration;

/**
 * How often a node looks after its engine, and how long that may take.
 *
 * @param watch how often guests over budget are looked for, and lanes that hold their thread
 * @param tick how often idle databases are looked for
 * @param disk how often the free space of the disk is looked at
 * @param freeBytesMin below this many free bytes new commits are refused
 * @param upkeep how often databases are looked for whose log is to be stored
 * @param trim how often journal files of which nothing is needed are removed
 * @param retention how often the stores are looked through for what nothing needs
 * @param nodeBytes heap that the node needs for itself, whatever its databases do
 * @param databasePercent of the heap beyond that, which databases may take together: the rest is
 *     for what is not counted, and for the collector to work in
 * @param smallPercent of what databases may take, kept for those that take little
 * @param edgePercent of the heap beyond {@code nodeBytes}, which each of four may take whatever
 *     databases take: what clients have sent, what waits for clients, bodies and answers, uploads;
 *     what is beyond counts with the databases
 * @param archiving ranges on the way to the archive at a time; at most what the channel buffers
 * @param archiveWaiting ranges that wait for that; one more is refused
 * @param drain how long closing waits for the databases to be stored
 * @param workers threads for wakes, sleeps and publishes
 */
public record EngineLimits(
    Duration watch,
    Duration tick,
    Duration disk,
    long freeBytesMin,
    Duration upkeep,
    Duration trim,
    Duration retention,
    long nodeBytes,
    int databasePercent,
    int smallPercent,
    int edgePercent,
    int archiving,
    int archiveWaiting,
    Duration drain,
    int workers) {
  /** Messages that an emitter of SmallRye Reactive Messaging buffers unless it is configured. */
  static final int CHANNEL_BUFFER = 128;

  /** How many have a part of the heap besides the databases. */
  private static final int EDGES = 4;

  /** What a node uses unless it is told otherwise. */
  public static final EngineLimits STANDARD =
      new EngineLimits(
          Duration.ofMillis(10),
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          256L << 20,
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          64L << 20,
          70,
          15,
          3,
          64,
          100_000,
          Duration.ofSeconds(60),
          8);

  public EngineLimits {
    for (Duration each : new Duration[] {watch, tick, disk, upkeep, trim, retention, drain}) {
      if (each.isNegative() || each.isZero()) {
        throw new IllegalArgumentException("an interval of " + each + " must be above zero");
      }
    }
    if (archiving < 1 || archiving > CHANNEL_BUFFER || archiveWaiting < archiving) {
      throw new IllegalArgumentException(
          "%d ranges archived at a time, %d waiting: 1 to %d, and not fewer waiting"
              .formatted(archiving, archiveWaiting, CHANNEL_BUFFER));
    }
    if (workers < 1) {
      throw new IllegalArgumentException(workers + " workers, must be at least 1");
    }
    if (freeBytesMin < 0) {
      throw new IllegalArgumentException("free bytes of at least " + freeBytesMin);
    }
    if (nodeBytes < 0
        || databasePercent < 1
        || databasePercent > 100
        || smallPercent < 0
        || smallPercent > 99
        || edgePercent < 0
        || databasePercent + EDGES * edgePercent > 100) {
      throw new IllegalArgumentException(
          "%d bytes for the node, %d percent of the rest for databases, %d of that for small ones, %d for each of %d besides"
              .formatted(nodeBytes, databasePercent, smallPercent, edgePercent, EDGES));
    }
  }

  /**
   * What databases may take together.
   *
   * @throws IllegalArgumentException if the heap is too small for the node alone
   */
  public MemoryBudget memory(long heapBytes) {
    if (heapBytes <= nodeBytes) {
      throw new IllegalArgumentException(
          "heap of at most %d bytes, the node alone needs %d: raise -Xmx"
              .formatted(heapBytes, nodeBytes));
    }
    long databaseBytes = (heapBytes - nodeBytes) / 100 * databasePercent;
    return new MemoryBudget(databaseBytes, databaseBytes / 100 * smallPercent);
  }

  /** Of that memory, and with a part of the heap besides: what all clients hold of one kind. */
  public MemoryShare share(MemoryBudget memory, long heapBytes) {
    return new MemoryShare(memory, Math.max(0, heapBytes - nodeBytes) / 100 * edgePercent);
  }

  /** The same with another reserve of free disk. */
  public EngineLimits withFreeBytesMin(long bytes) {
    return new EngineLimits(
        watch,
        tick,
        disk,
        bytes,
        upkeep,
        trim,
        retention,
        nodeBytes,
        databasePercent,
        smallPercent,
        edgePercent,
        archiving,
        archiveWaiting,
        drain,
        workers);
  }

  /** The same with another interval of retention. */
  public EngineLimits withRetention(Duration every) {
    return new EngineLimits(
        watch,
        tick,
        disk,
        freeBytesMin,
        upkeep,
        trim,
        every,
        nodeBytes,
        databasePercent,
        smallPercent,
        edgePercent,
        archiving,
        archiveWaiting,
        drain,
        workers);
  }
}
