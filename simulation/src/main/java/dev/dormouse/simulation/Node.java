package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.Publish;
import dev.dormouse.database.WriteAdmission;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.residence.ArchiveRange;
import dev.dormouse.residence.ArchiveReader;
import dev.dormouse.residence.Archiver;
import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.residence.Programs;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.ResidenceContext;
import dev.dormouse.residence.TrimFloor;
import dev.dormouse.residence.Upkeep;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.subscription.SubscriptionLimits;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One process of the node: the real residence and journal, and around them what the edge is. */
final class Node {
  private static final long TICK_NANOS = 100_000_000;
  private static final long TRIM_NANOS = 700_000_000;
  private static final long UPKEEP_NANOS = 300_000_000;
  private static final long RESUME_NANOS = 1_000_000_000;
  private static final int LOOPS = 2;
  private static final int WATCH_SLOTS = 64;
  static final Identity OWNER = Identity.fromClaims("simulation", "owner");

  private final World world;
  private final Fate fate;
  private final Stores.Session stores;
  private final Scheduler.Process process;
  private final Journal journal;
  private final Edge edge;
  private final Executor workers;
  private final Programs programs;
  private final Residence residence;
  private final Upkeep upkeep;
  private final EventLoop[] loops = new EventLoop[LOOPS];
  private final long nanoOrigin;
  private @Nullable Thread writer;
  private boolean recovered;

  private Node(World world, Scheduler.Process process, long session) throws IOException {
    Conditions conditions = world.conditions();
    this.world = world;
    this.fate = world.fate();
    this.process = process;
    this.stores = world.stores().session(session);
    this.nanoOrigin = world.random().nextLong();
    LogStorage disk = world.seams().disk(world.disk().mounted(!world.isCalm()));
    this.journal =
        Journal.open(
            disk,
            conditions.log(),
            new SplittableRandom(world.random().nextLong()),
            this::wakeWriter);
    this.workers = world.seams().workers(process.pool(TaskKind.WORKER, conditions.workerThreads()));
    Executor lanes = world.seams().lanes(process.pool(TaskKind.LANE, conditions.laneThreads()));
    CallWatch watch = new CallWatch(thread -> 0, WATCH_SLOTS);
    ArtefactStore artefacts = world.seams().artefacts(stores);
    this.programs =
        new Programs(
            world.modules(),
            artefacts,
            CompileLimits.STANDARD,
            InstanceLimits.STANDARD,
            watch,
            CpuBudget.STANDARD,
            MemoryBudget.unlimited(),
            this::nanoTime,
            conditions.residence().kept().programBytes());
    Archiver archiver =
        new Archiver(
            journal,
            world.seams().segments(world.cold().segments()),
            world.cold().positions(),
            world.seams().floor(TrimFloor.ofSnapshots(world.cold().snapshots())),
            conditions.log(),
            workers); // Called with a monitor held, where no task may come off.
    Executor channel = process.pool(TaskKind.CHANNEL, 1);
    this.edge = new Edge(fate, world.trace(), world.random(), world.refusals());
    ResidenceContext context =
        new ResidenceContext(
            (key, epoch, owner) -> context(key, epoch, owner, lanes, watch),
            journal,
            conditions.log(),
            world.seams().ownership(stores),
            world.seams().snapshots(world.cold().snapshots()),
            conditions.snapshot(),
            range -> sent(channel, archiver, range),
            new ArchiveReader(world.seams().segments(world.cold().segments()), conditions.log()),
            programs,
            world.seams().sockets(edge),
            this::onWorker,
            this::wallClock,
            this::nanoTime,
            conditions.residence());
    this.residence = new Residence(context);
    this.upkeep = new Upkeep(context, residence, archiver::release);
    edge.serve(residence);
    for (int i = 0; i < LOOPS; i++) {
      loops[i] = new EventLoop(process);
    }
  }

  /** Starts a process on what the ones before it left; runs as its first task. */
  static Node boot(World world, Scheduler.Process process, long session) throws IOException {
    Node node = new Node(world, process, session);
    node.writer = process.start(TaskKind.WRITER, node::write);
    process.start(TaskKind.TICKER, node::tick);
    process.start(TaskKind.TICKER, node::trim);
    process.start(TaskKind.TICKER, node::lookAfterLogs);
    node.onWorker(node::recover);
    return node;
  }

  /** A range goes over a channel to the archiver, and its acknowledgement back. */
  private static CompletionStage<Void> sent(
      Executor channel, Archiver archiver, ArchiveRange range) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    channel.execute(
        () ->
            archiver
                .archive(range)
                .whenComplete(
                    (done, failure) -> {
                      if (failure == null) {
                        acknowledged.complete(null);
                      } else {
                        acknowledged.completeExceptionally(failure);
                      }
                    }));
    return acknowledged;
  }

  private void recover() {
    try {
      residence.recover();
      recovered = true;
    } catch (EngineException e) {
      world.trace().line("recovery failed: " + e.text());
    }
  }

  private void trim() {
    while (true) {
      world.scheduler().sleep(TRIM_NANOS);
      try {
        journal.trim();
      } catch (IOException e) {
        world.trace().line("trim failed: " + e.getMessage());
      }
    }
  }

  private void lookAfterLogs() {
    while (true) {
      world.scheduler().sleep(UPKEEP_NANOS);
      if (recovered) {
        upkeep.look();
      }
    }
  }

  private DatabaseContext context(
      DatabaseKey key, Epoch epoch, Identity owner, Executor lanes, CallWatch watch) {
    return new DatabaseContext(
        key,
        epoch,
        owner,
        run -> {
          lanes.execute(run);
          fate.step("lane scheduled");
        },
        journal,
        this::wallClock,
        this::nanoTime,
        WriteAdmission.ALWAYS,
        watch,
        MemoryBudget.unlimited(),
        (timestamp, function, line) -> fate.step("module log"),
        42,
        world.conditions().database(),
        DatastoreLimits.DEFAULTS,
        InstanceLimits.STANDARD,
        QueryLimits.DEFAULT,
        SubscriptionLimits.DEFAULT);
  }

  private void onWorker(Runnable run) {
    workers.execute(run);
    fate.step("worker scheduled");
  }

  private Instant wallClock() {
    return Instant.EPOCH.plus(world.wallMicros(), ChronoUnit.MICROS);
  }

  private long nanoTime() {
    fate.step("clock");
    return nanoOrigin + world.time().now();
  }

  private void wakeWriter() {
    Thread present = writer;
    if (present != null) {
      LockSupport.unpark(present);
    }
    fate.step("writer woken");
  }

  private void write() {
    while (true) {
      if (!journal.writeGroup()) {
        Optional<Throwable> failure = journal.failure();
        if (failure.isEmpty()) {
          LockSupport.park();
        } else {
          resume(failure.get());
        }
      }
      fate.step("group written");
    }
  }

  private void resume(Throwable failure) {
    world.trace().line("journal failed: " + failure.getMessage());
    if (!(failure instanceof IOException)) {
      world.fate().violated("the journal failed by itself: " + failure);
    }
    world.journalFailed();
    while (true) {
      world.scheduler().sleep(RESUME_NANOS);
      try {
        journal.resume();
        world.resumed();
        return;
      } catch (IOException e) {
        world.trace().line("journal not resumed: " + e.getMessage());
      }
    }
  }

  private void tick() {
    while (true) {
      world.scheduler().sleep(TICK_NANOS);
      residence.tick();
    }
  }

  Scheduler.Process process() {
    return process;
  }

  Journal journal() {
    return journal;
  }

  Residence residence() {
    return residence;
  }

  Edge edge() {
    return edge;
  }

  Stores.Session stores() {
    return stores;
  }

  /** The event loop of a connection. */
  EventLoop loop(int connection) {
    return loops[Math.floorMod(connection, LOOPS)];
  }

  /** Takes a publish off the wire; answers which database serves. */
  void publish(
      int connection,
      DatabaseKey key,
      Example example,
      int revision,
      Optional<DatabaseKey> replaced,
      Asked<DatabaseKey> reply) {
    loop(connection).post(() -> onWorker(() -> create(key, example, revision, replaced, reply)));
  }

  private void create(
      DatabaseKey key,
      Example example,
      int revision,
      Optional<DatabaseKey> replaced,
      Asked<DatabaseKey> reply) {
    try {
      Programs.Published published =
          programs.publish(world.modules().wasm(example.path(), revision));
      fate.step("published");
      Residence.NewDatabase created = residence.create(key, OWNER, published.program());
      boolean registered = false;
      try {
        stores.register(key, OWNER);
        registered = true;
      } finally {
        if (!registered) {
          created.drop();
        }
      }
      if (replaced.isPresent()) {
        stores.unregister(replaced.get());
        residence.delete(replaced.get());
      }
      fate.step("before serve");
      created.serve();
      reply.done(key);
    } catch (EngineException e) {
      reply.refused(e);
    } catch (IOException e) {
      reply.refused(EngineException.operator(String.valueOf(e.getMessage())));
    }
  }

  /** Takes a publish over a database off the wire. */
  void update(
      int connection,
      DatabaseKey key,
      Example example,
      int revision,
      Asked<Publish.Outcome> reply) {
    loop(connection)
        .post(
            () ->
                onWorker(
                    () -> {
                      try {
                        Programs.Published published =
                            programs.publish(world.modules().wasm(example.path(), revision));
                        residence.submit(
                            key, WakeReason.PUBLISH, new Publish(published.program(), reply));
                      } catch (EngineException e) {
                        reply.refused(e);
                      } catch (IOException e) {
                        reply.refused(EngineException.operator(String.valueOf(e.getMessage())));
                      }
                    }));
  }

  /** A key that nobody has. */
  static DatabaseKey freshKey(World world, int number) {
    return new DatabaseKey(
        Identity.fromClaims("simulation", "database " + number),
        new Generation(new java.util.UUID(world.seed(), number)));
  }
}
