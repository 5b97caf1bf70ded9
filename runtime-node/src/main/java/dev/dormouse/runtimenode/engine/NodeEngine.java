package dev.dormouse.runtimenode.engine;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.DatabaseLimits;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.CpuClock;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.residence.Archive;
import dev.dormouse.residence.ArchivePositions;
import dev.dormouse.residence.ArchiveReader;
import dev.dormouse.residence.Archiver;
import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.residence.Lives;
import dev.dormouse.residence.Ownership;
import dev.dormouse.residence.Programs;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.ResidenceContext;
import dev.dormouse.residence.ResidenceLimits;
import dev.dormouse.residence.Retention;
import dev.dormouse.residence.SegmentStore;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.residence.TrimFloor;
import dev.dormouse.residence.Upkeep;
import dev.dormouse.runtimenode.cores.CoreSplit;
import dev.dormouse.runtimenode.cores.CoreSplitLimits;
import dev.dormouse.runtimenode.cores.Cores;
import dev.dormouse.runtimenode.lanes.LaneThreadLimits;
import dev.dormouse.runtimenode.lanes.LaneThreads;
import dev.dormouse.runtimenode.logs.ModuleLogLimits;
import dev.dormouse.runtimenode.logs.ModuleLogs;
import dev.dormouse.runtimenode.ws.OpenSockets;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.snapshot.SnapshotLimits;
import dev.dormouse.subscription.SubscriptionLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * The engine of one node: its journal, its threads, its databases. Opened once; closing drains it.
 */
public final class NodeEngine implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(NodeEngine.class);

  private final LaneThreads lanes;
  private final LogWriterThread writer = new LogWriterThread();
  private final Journal journal;
  private final ModuleLogs logs;
  private final Programs programs;
  private final OpenSockets sockets;
  private final Archiver archiver;
  private final Residence residence;
  private final Upkeep upkeep;
  private final Retention retention;
  private final Retention.Mode retentionMode;
  private final EngineLimits limits;
  private final DiskWatch disk;
  private final MemoryBudget memory;
  private final ExecutorService workers;
  private final Ticker watchTicker;
  private final Ticker coreTicker;
  private final Ticker ticker;
  private final Ticker trimmer;
  private final Ticker diskTicker;
  private final Ticker upkeepTicker;
  private final Ticker retentionTicker;

  /** Whether it is known what an earlier process left; before that nothing is stored again. */
  private volatile boolean recovered;

  private final SecureRandom random = new SecureRandom();

  /**
   * What a node's engine is handed.
   *
   * @param data folder of the module logs
   * @param log where the journal is; nobody else writes there
   * @param disks folders whose disks must have room for new commits
   * @param lives which of them have ended, so that what is stored of them can go
   * @param modules compiles and loads programs
   * @param archive where ranges to be archived are sent; they come back to {@link #archiver}
   * @param memory what databases may take together, and whatever else counts with them
   */
  public record Parts(
      Path data,
      LogStorage log,
      List<Path> disks,
      ModuleRuntime modules,
      Ownership ownership,
      ArtefactStore artefacts,
      SnapshotStore snapshots,
      SegmentStore segments,
      ArchivePositions positions,
      Lives lives,
      Archive archive,
      OpenSockets sockets,
      ResidenceLimits residenceLimits,
      DatabaseLimits databaseLimits,
      EngineLimits limits,
      Retention.Mode retention,
      InstantSource clock,
      MemoryBudget memory) {}

  private NodeEngine(Parts parts) throws IOException {
    this.limits = parts.limits();
    this.disk = new DiskWatch(parts.disks(), limits.freeBytesMin());
    this.memory = parts.memory();
    LaneThreadLimits laneLimits =
        LaneThreadLimits.forCores(Runtime.getRuntime().availableProcessors());
    CoreSplit cores = new CoreSplit(Cores.ofThisProcess(), CoreSplitLimits.STANDARD);
    this.lanes = new LaneThreads(laneLimits, cores, NodeEngine::escaped);
    this.workers =
        Executors.newFixedThreadPool(
            limits.workers(),
            run -> new Thread(null, run, "residence-worker", laneLimits.stackBytes()));
    this.logs =
        new ModuleLogs(parts.data().resolve("logs"), ModuleLogLimits.STANDARD, parts.clock());
    this.journal = Journal.open(parts.log(), LogLimits.DEFAULT, random, writer::wake);
    writer.start(journal);
    CallWatch watch =
        new CallWatch(
            CpuClock.ofThisJvm(), laneLimits.threadsMax() + 2 * limits.workers() + 16, lanes);
    this.programs =
        new Programs(
            parts.modules(),
            parts.artefacts(),
            CompileLimits.STANDARD,
            InstanceLimits.STANDARD,
            watch,
            CpuBudget.of(parts.databaseLimits().callCpu()),
            memory,
            System::nanoTime,
            parts.residenceLimits().kept().programBytes());
    this.sockets = parts.sockets();
    this.archiver =
        new Archiver(
            journal,
            parts.segments(),
            parts.positions(),
            TrimFloor.ofSnapshots(parts.snapshots()),
            LogLimits.DEFAULT,
            workers);
    ResidenceContext world =
        new ResidenceContext(
            (key, epoch, owner) -> context(parts, watch, key, epoch, owner),
            journal,
            LogLimits.DEFAULT,
            parts.ownership(),
            parts.snapshots(),
            SnapshotLimits.DEFAULTS,
            parts.archive(),
            new ArchiveReader(parts.segments(), LogLimits.DEFAULT),
            programs,
            parts.sockets(),
            workers,
            parts.clock(),
            System::nanoTime,
            parts.residenceLimits());
    this.residence = new Residence(world);
    this.upkeep = new Upkeep(world, residence, archiver::release);
    this.retentionMode = parts.retention();
    this.retention =
        new Retention(
            new Retention.Stores(
                parts.lives(),
                parts.snapshots(),
                parts.segments(),
                parts.positions(),
                world.archived(),
                parts.artefacts(),
                residence::programs,
                logs::delete),
            parts.residenceLimits().retention(),
            parts.clock(),
            parts.retention());
    this.watchTicker =
        new Ticker(
            "call-watch",
            limits.watch().toNanos(),
            () -> {
              lanes.tick(System.nanoTime());
              watch.tick();
            });
    this.coreTicker =
        new Ticker(
            "core-split",
            CoreSplitLimits.STANDARD.look().toNanos(),
            () -> lanes.tickCores(System.nanoTime()));
    this.ticker =
        new Ticker(
            "residence-ticker",
            limits.tick().toNanos(),
            () -> {
              residence.tick();
              sockets.tick();
            });
    this.trimmer = new Ticker("journal-trimmer", limits.trim().toNanos(), this::trim);
    this.diskTicker = new Ticker("disk-watch", limits.disk().toNanos(), disk::tick);
    this.upkeepTicker = new Ticker("upkeep", limits.upkeep().toNanos(), this::lookAfterLogs);
    this.retentionTicker =
        new Ticker("retention", limits.retention().toNanos(), this::lookThroughStores);
  }

  /** Opens the journal and starts all threads. */
  public static NodeEngine start(Parts parts) throws IOException {
    return new NodeEngine(parts);
  }

  private static void escaped(Thread thread, Throwable cause) {
    LOG.errorf(cause, "an error escaped on %s", thread.getName());
  }

  private DatabaseContext context(
      Parts parts, CallWatch watch, DatabaseKey key, Epoch epoch, Identity owner) {
    return new DatabaseContext(
        key,
        epoch,
        owner,
        lanes.newLane(),
        journal,
        parts.clock(),
        System::nanoTime,
        disk,
        watch,
        memory,
        logs.of(key.database()),
        random.nextLong(),
        parts.databaseLimits(),
        DatastoreLimits.DEFAULTS,
        InstanceLimits.STANDARD,
        QueryLimits.DEFAULT,
        SubscriptionLimits.DEFAULT);
  }

  private void lookAfterLogs() {
    if (recovered) {
      upkeep.look();
    }
  }

  private void lookThroughStores() {
    if (recovered) {
      retention.pass();
    }
    pruneLogs();
  }

  private void pruneLogs() {
    try {
      long bytes = logs.prune(retentionMode == Retention.Mode.DRY_RUN);
      if (bytes > 0) {
        LOG.infof(
            "module logs: %d bytes %s",
            bytes, retentionMode == Retention.Mode.DRY_RUN ? "would be removed" : "removed");
      }
    } catch (IOException e) {
      LOG.error("old module logs could not be removed; tried again", e);
    }
  }

  private void trim() {
    try {
      journal.trim();
    } catch (IOException e) {
      LOG.error("journal files could not be removed; tried again", e);
    }
  }

  /**
   * Wakes what an earlier process left with connections. To be called once, when requests can be
   * answered.
   *
   * @return how many
   */
  public int recover() {
    int woken = residence.recover();
    recovered = true;
    return woken;
  }

  /** The node's databases. */
  public Residence residence() {
    return residence;
  }

  /** What archives the journal's ranges. */
  public Archiver archiver() {
    return archiver;
  }

  /** The node's programs. */
  public Programs programs() {
    return programs;
  }

  /** The modules' logs. */
  public ModuleLogs logs() {
    return logs;
  }

  /**
   * Closes every socket, puts every database to sleep, writes what is left of the log, ends the
   * threads. Nobody may submit requests any more.
   *
   * @throws IllegalStateException if something could not be stored in time; nothing that was
   *     answered is lost by that, since it is in the journal
   */
  @Override
  public void close() throws IOException {
    boolean drained;
    try {
      drained = drainAndStop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the engine stopped", e);
    }
    journal.close();
    logs.close();
    if (!drained) {
      throw new IllegalStateException(
          "databases did not fall asleep within " + limits.drain().toSeconds() + " s");
    }
  }

  private boolean drainAndStop() throws InterruptedException {
    sockets.closeAll();
    logs.endFollowings();
    ticker.stop();
    trimmer.stop();
    upkeepTicker.stop();
    retention.stop();
    retentionTicker.stop();
    diskTicker.stop();
    boolean drained = residence.drain(limits.drain());
    workers.shutdown();
    lanes.close();
    writer.stop();
    watchTicker.stop();
    coreTicker.stop();
    return drained;
  }
}
