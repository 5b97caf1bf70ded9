package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.commitlog.MemoryLogStorage;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Database;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.DatabaseLimits;
import dev.dormouse.database.Reply;
import dev.dormouse.database.WriteAdmission;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.CpuClock;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.snapshot.SnapshotLimits;
import dev.dormouse.subscription.SubscriptionLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** A whole node's engine in a test, on storage that the test keeps over its lives. */
final class SmallNode implements AutoCloseable {
  private static final int WORKERS = 2;
  static final Identity OWNER = Identity.fromClaims("test", "owner");

  final List<LogRecord> log = Collections.synchronizedList(new ArrayList<>());
  final Journal journal;
  final Programs programs;
  final Residence residence;
  final Upkeep upkeep;
  final MemoryOwnership ownership;
  final MemoryBudget memory;
  private final ExecutorService lanes;
  private final ExecutorService workers;
  private final Thread writer;
  private final AtomicBoolean stopped = new AtomicBoolean();

  SmallNode(Disk disk, ResidenceLimits limits) throws IOException {
    this(disk, limits, MemoryBudget.unlimited());
  }

  SmallNode(Disk disk, ResidenceLimits limits, MemoryBudget memory) throws IOException {
    this.memory = memory;
    this.ownership = disk.ownership;
    this.lanes = Executors.newFixedThreadPool(2, run -> new Thread(null, run, "lane", 1 << 20));
    this.workers = Executors.newFixedThreadPool(WORKERS);
    Thread[] parked = new Thread[1];
    this.journal =
        Journal.open(
            disk.log,
            LogLimits.DEFAULT,
            new SplittableRandom(1),
            () -> LockSupport.unpark(parked[0]));
    this.writer =
        new Thread(
            () -> {
              while (!stopped.get()) {
                if (!journal.writeGroup()) {
                  LockSupport.park();
                }
              }
            });
    parked[0] = writer;
    writer.start();
    CallWatch watch = new CallWatch(CpuClock.ofThisJvm(), 8);
    this.programs =
        new Programs(
            ModuleRuntime.wasm(),
            disk.artefacts,
            CompileLimits.STANDARD,
            InstanceLimits.STANDARD,
            watch,
            CpuBudget.STANDARD,
            memory,
            System::nanoTime,
            1 << 20);
    Archiver archiver = archiver(disk);
    ResidenceContext world =
        new ResidenceContext(
            (key, epoch, owner) -> context(key, epoch, owner, watch),
            journal,
            LogLimits.DEFAULT,
            ownership,
            disk.snapshots,
            SnapshotLimits.DEFAULTS,
            archiver::archive,
            new ArchiveReader(disk.segments, LogLimits.DEFAULT),
            programs,
            new NoSockets(),
            workers,
            InstantSource.system(),
            System::nanoTime,
            limits);
    this.residence = new Residence(world);
    this.upkeep = new Upkeep(world, residence, archiver::release);
  }

  private Archiver archiver(Disk disk) {
    return new Archiver(
        journal,
        disk.segments,
        disk.positions,
        TrimFloor.ofSnapshots(disk.snapshots),
        LogLimits.DEFAULT,
        workers);
  }

  private DatabaseContext context(DatabaseKey key, Epoch epoch, Identity owner, CallWatch watch) {
    return new DatabaseContext(
        key,
        epoch,
        owner,
        lanes,
        journal,
        InstantSource.system(),
        System::nanoTime,
        WriteAdmission.ALWAYS,
        watch,
        memory,
        (timestamp, function, line) -> log.add(line),
        42,
        DatabaseLimits.DEFAULT,
        DatastoreLimits.DEFAULTS,
        InstanceLimits.STANDARD,
        QueryLimits.DEFAULT,
        SubscriptionLimits.DEFAULT);
  }

  /** A program of the repository. */
  static byte[] wasm(String path) throws IOException {
    return Files.readAllBytes(root().resolve(path));
  }

  /** A new database that serves. */
  DatabaseKey publish(String path) throws IOException {
    DatabaseKey key =
        new DatabaseKey(
            Identity.fromClaims("test", UUID.randomUUID().toString()),
            new Generation(UUID.randomUUID()));
    Programs.Published published = programs.publish(wasm(path));
    ownership.register(key, OWNER);
    residence.create(key, OWNER, published.program()).serve();
    return key;
  }

  /** Lets no worker begin anything, wakes and stores, until the latch is counted down. */
  CountDownLatch holdWorkers() {
    CountDownLatch over = new CountDownLatch(1);
    for (int i = 0; i < WORKERS; i++) {
      workers.execute(
          () -> {
            try {
              over.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
    }
    return over;
  }

  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("docs/spec"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("run the tests inside the repository");
    }
    return folder;
  }

  @Override
  public void close() throws IOException {
    stopped.set(true);
    LockSupport.unpark(writer);
    try {
      writer.join();
      lanes.shutdown();
      workers.shutdown();
      lanes.awaitTermination(10, TimeUnit.SECONDS);
      workers.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    journal.close();
  }

  /** An answer that a test waits for. */
  static final class Awaited<T> implements Reply<T> {
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    @Override
    public void done(T value) {
      answer.complete(value);
    }

    @Override
    public void refused(EngineException why) {
      answer.completeExceptionally(why);
    }

    T get() {
      return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  /** What outlives a node. */
  static final class Disk {
    final MemoryLogStorage log = LogStorage.inMemory();
    final ArtefactStore artefacts = ArtefactStore.inMemory();
    final MemoryOwnership ownership = new MemoryOwnership();
    final StoreFaults segmentFaults = new StoreFaults();
    final SegmentStore segments = SegmentStore.inMemory(segmentFaults);
    final ArchivePositions positions = ArchivePositions.inMemory();
    final SnapshotStore snapshots =
        SnapshotStore.inMemory(ownership::epochOf, InstantSource.system());
  }

  private static final class NoSockets implements Sockets {
    @Override
    public boolean isOpen(DatabaseKey key, Caller connection) {
      return false;
    }

    @Override
    public void awake(DatabaseKey key, Database database) {}

    @Override
    public void close(DatabaseKey key, String reason) {}
  }
}
