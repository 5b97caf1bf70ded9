package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.CallResult;
import dev.dormouse.sats.ConnectionId;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A world that follows from its seed alone: a node with the real engine, its disk and stores, and
 * everybody outside. {@link #run} lets it happen, and ends in a {@link Violation} if an invariant
 * was broken.
 */
final class World {

  /** A request must have been answered after this long, in nanoseconds of virtual time. */
  private static final long ANSWER_NANOS_MAX = 100_000_000_000L;

  /** As above, where the process may stall. */
  private static final long STALLED_ANSWER_NANOS_MAX = 1_000_000_000_000L;

  private static final long WATCH_NANOS = 1_000_000_000;

  /** The wall clock at the beginning, in microseconds since the Unix epoch. */
  private static final long EPOCH_MICROS = 1_750_000_000_000_000L;

  private final long seed;
  private final SplittableRandom random;
  private final Story story;
  private final SharedModules modules;
  private final Conditions conditions;
  private final Seams seams;
  private final VirtualTime time = new VirtualTime();
  private final Trace trace;
  private final Scheduler scheduler;
  private final Fate fate;
  private final Disk disk;
  private final Stores stores;
  private final ColdStores cold;
  private final Map<DatabaseKey, Ledger> ledgers = new LinkedHashMap<>();
  private final Refusals refusals;
  private final Figures figures = new Figures();
  private final Set<Pending> pending = new LinkedHashSet<>();
  private final Scheduler.Process outside;
  private @Nullable Node node;
  private boolean calm = true;
  private boolean over;
  private long wallShift;
  private int connections;
  private int numbers;
  private int keys;

  private record Pending(Asked<?> asked, long since) {}

  /**
   * A world.
   *
   * @param story what happens in it
   * @param traceLines lines of its trace to keep
   * @param racing whether tasks come off between instructions, in classes of a RacingLoader
   */
  World(
      long seed, Story story, SharedModules modules, Seams seams, int traceLines, boolean racing) {
    this.modules = modules;
    this.seed = seed;
    this.story = story;
    this.random = new SplittableRandom(seed);
    this.conditions = story.conditions(random.split());
    this.seams = seams;
    this.trace = new Trace(time, traceLines);
    this.scheduler = new Scheduler(random.split(), time, trace, conditions.slow());
    this.fate = new Fate(random.split(), scheduler, time, conditions, trace);
    if (racing) {
      SharedAccess.of(fate);
    }
    this.disk = new Disk(random.split(), fate, conditions);
    this.stores = new Stores(fate, trace, conditions, this::captured);
    this.cold =
        new ColdStores(
            fate, stores::epoch, () -> Instant.EPOCH.plusNanos(EPOCH_MICROS * 1_000 + time.now()));
    this.refusals = new Refusals(fate, trace, conditions, ledgers);
    this.outside = scheduler.process("outside");
    fate.onCrash(
        () -> {
          node = null;
          disk.crash();
          figures.crashes++;
        });
  }

  private long captured(DatabaseKey key) {
    try {
      return cold.storedSnapshots().newest(key).map(it -> it.header().nextOffset() - 1).orElse(-1L);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  long seed() {
    return seed;
  }

  RandomGenerator random() {
    return random;
  }

  Conditions conditions() {
    return conditions;
  }

  SharedModules modules() {
    return modules;
  }

  Seams seams() {
    return seams;
  }

  VirtualTime time() {
    return time;
  }

  Trace trace() {
    return trace;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Fate fate() {
    return fate;
  }

  Disk disk() {
    return disk;
  }

  Stores stores() {
    return stores;
  }

  ColdStores cold() {
    return cold;
  }

  Refusals refusals() {
    return refusals;
  }

  Figures figures() {
    return figures;
  }

  /** The process that serves, if one does. */
  Optional<Node> node() {
    return Optional.ofNullable(node);
  }

  boolean isCalm() {
    return calm;
  }

  /** The wall clock, which sometimes jumps. */
  long wallMicros() {
    if (!calm && random.nextInt(500) == 0) {
      wallShift = random.nextLong(-3_600_000_000L, 3_600_000_000L);
    }
    return EPOCH_MICROS + wallShift + time.now() / 1_000;
  }

  ConnectionId freshConnection() {
    return new ConnectionId(++connections, 7);
  }

  int freshNumber() {
    return ++numbers;
  }

  /** A database that nobody has yet. */
  Ledger freshLedger(Example example) {
    Ledger ledger = new Ledger(Node.freshKey(this, ++keys), example);
    ledgers.put(ledger.key(), ledger);
    return ledger;
  }

  /** A request of the calling task to a process. */
  <T> Asked<T> ask(String what, Node asked) {
    Asked<T> request = new Asked<>(what, fate);
    pending.add(new Pending(request, time.now()));
    asked.process().whenDead(request::lost);
    return request;
  }

  /** What an answer to a call means; notes what it must not be. */
  Ledger.Outcome judged(Deed deed, CallResult result, boolean confirmed) {
    return switch (result) {
      case CallResult.Committed() -> {
        if (deed.isRefused()) {
          fate.violated(deed + " was committed");
        }
        figures.committed++;
        yield confirmed ? Ledger.Outcome.DURABLE : Ledger.Outcome.COMMITTED;
      }
      case CallResult.Failed(String error) -> {
        if (!deed.isRefused()) {
          fate.violated(deed + " failed: " + error);
        }
        yield Ledger.Outcome.NOTHING;
      }
      default -> {
        if (fate.faults() == 0) {
          fate.violated(deed + " ended with " + result);
        }
        yield Ledger.Outcome.NOTHING;
      }
    };
  }

  /** A process has started on what the ones before it left. */
  void started(Node started) {
    audit(started);
    figures.starts++;
    if (started.process().isAlive()) {
      node = started;
    }
  }

  /** The journal of the process has failed: what it had not made durable by now is lost. */
  void journalFailed() {
    for (Ledger ledger : ledgers.values()) {
      ledger.connections().values().forEach(connection -> connection.mayHaveLost = true);
    }
  }

  /** The journal of the process goes on after a failure. */
  void resumed() {
    trace.line("journal resumed");
    figures.resumptions++;
  }

  /** Compares what is in the log with what is known outside. */
  Map<Ledger, Fold> audit(Node reader) {
    Map<Ledger, Fold> states = new LinkedHashMap<>();
    for (Ledger ledger : ledgers.values()) {
      if (ledger.isCreated() && !ledger.isDeleted()) {
        try {
          History history = History.read(reader.journal(), cold, conditions.log(), ledger.key());
          states.put(
              ledger,
              new Audit(history, ledger, cold.storedSnapshots(), stores.sleep(ledger.key())).run());
          figures.commits += history.commits().size();
        } catch (IOException e) {
          fate.violated("the log cannot be read: " + e);
        }
      }
    }
    return states;
  }

  private void watch() {
    long max = conditions.stalls() ? STALLED_ANSWER_NANOS_MAX : ANSWER_NANOS_MAX;
    pending.removeIf(each -> each.asked.end().isPresent());
    for (Pending each : pending) {
      if (time.now() - each.since > max) {
        fate.violated("%s was not answered within %d s".formatted(each.asked, max / WATCH_NANOS));
      }
    }
    time.after(WATCH_NANOS, this::watch);
  }

  /** Lets it happen. */
  Figures run() {
    time.after(WATCH_NANOS, this::watch);
    outside.start(TaskKind.OUTSIDE, new Operator(this, random.split())::run);
    outside.start(
        TaskKind.OUTSIDE,
        () -> {
          story.run(this, random.split());
          over = true;
        });
    try {
      scheduler.run(() -> over);
    } finally {
      outside.kill();
      if (node != null) {
        node.process().kill();
      }
    }
    figures.steps = scheduler.steps();
    figures.digest = trace.digest() * 31 + disk.digest();
    figures.deaths.putAll(fate.deaths());
    return figures;
  }

  /** Starts somebody outside, in a task of their own. */
  void outside(Runnable body) {
    outside.start(TaskKind.OUTSIDE, body);
  }

  /** From now on things go wrong. */
  void begin() {
    calm = false;
    fate.begin();
    disk.repair(true);
  }

  /** From now on nothing goes wrong any more. */
  void calmDown() {
    calm = true;
    fate.calm();
    disk.repair(false);
  }

  /** Counts, to show what worlds go through. */
  static final class Figures {
    long steps;
    long digest;
    long committed;
    long commits;
    int crashes;
    int starts;
    int resumptions;
    int wakes;
    int sleeps;

    /** How many visitors came at the step that they were to come at. */
    int visits;

    final Map<String, Integer> deaths = new TreeMap<>();
  }
}
