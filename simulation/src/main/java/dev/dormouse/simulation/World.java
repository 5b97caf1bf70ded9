package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.CallResult;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
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
@SuppressWarnings("EnumOrdinal") // drawn at random by position
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
   * @param traceLines lines of its trace to keep
   * @param racing whether tasks come off between instructions, in classes of a RacingLoader
   */
  World(long seed, SharedModules modules, Seams seams, int traceLines, boolean racing) {
    this.modules = modules;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.conditions = Conditions.of(random.split());
    this.seams = seams;
    this.trace = new Trace(time, traceLines);
    this.scheduler = new Scheduler(random.split(), time, trace, conditions.slow());
    this.fate = new Fate(random.split(), scheduler, time, conditions, trace);
    if (racing) {
      SharedAccess.of(fate);
    }
    this.disk = new Disk(random.split(), fate, conditions);
    this.stores = new Stores(fate, trace, conditions);
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

  /** Compares what is in the log with what is known outside. */
  Map<Ledger, Fold> audit(Node reader) {
    Map<Ledger, Fold> states = new LinkedHashMap<>();
    for (Ledger ledger : ledgers.values()) {
      if (ledger.isCreated() && !ledger.isDeleted()) {
        try {
          History history = History.read(reader.journal(), cold, conditions.log(), ledger.key());
          states.put(ledger, new Audit(history, ledger, cold.storedSnapshots()).run());
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
    outside.start(TaskKind.OUTSIDE, this::story);
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

  private void story() {
    Owner owner = new Owner(this, random.split());
    List<Site> sites = new ArrayList<>();
    for (int i = 0; i < conditions.databases(); i++) {
      Example example = Example.values()[random.nextInt(Example.values().length)];
      sites.add(new Site(example, owner.create(example, Optional.empty())));
    }
    calm = false;
    fate.begin();
    List<App> apps = new ArrayList<>();
    int[] running = new int[1];
    int people = 0;
    for (Site site : sites) {
      for (int i = 0; i < conditions.callers(); i++) {
        running[0]++;
        Identity identity = Identity.fromClaims("simulation", "person " + people++ % 4);
        HttpCaller caller = new HttpCaller(this, site, identity, random.split());
        outside.start(
            TaskKind.OUTSIDE,
            () -> {
              live(caller::act);
              running[0]--;
            });
      }
      for (int i = 0; i < conditions.apps(); i++) {
        running[0]++;
        Identity identity = Identity.fromClaims("simulation", "person " + people++ % 4);
        App app = new App(this, site, identity, random.split());
        apps.add(app);
        outside.start(
            TaskKind.OUTSIDE,
            () -> {
              live(app::act);
              running[0]--;
            });
      }
    }
    if (conditions.republishes()) {
      running[0]++;
      outside.start(
          TaskKind.OUTSIDE,
          () -> {
            live(() -> owner.act(sites.get(owner.pick(sites.size()))));
            running[0]--;
          });
    }
    while (running[0] > 0) {
      scheduler.sleep(WATCH_NANOS);
    }
    calm = true;
    fate.calm();
    new Ending(this, sites, apps).run();
    over = true;
  }

  private void live(java.util.function.BooleanSupplier act) {
    RandomGenerator own = random.split();
    int deeds = 0;
    while (deeds < conditions.deeds()) {
      long idle = conditions.residence().idleAfter().toNanos();
      boolean isLong = own.nextInt(100) < conditions.idleShare();
      scheduler.sleep(isLong ? own.nextLong(4 * idle) : own.nextLong(400_000));
      if (act.getAsBoolean()) {
        deeds++;
      } else {
        scheduler.sleep(WATCH_NANOS / 4);
      }
    }
  }

  /** Counts, to show what worlds go through. */
  static final class Figures {
    long steps;
    long digest;
    long committed;
    long commits;
    int crashes;
    int starts;
    int wakes;
    int sleeps;
    final Map<String, Integer> deaths = new TreeMap<>();
  }
}
