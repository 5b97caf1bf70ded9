package dev.dormouse.server;

import dev.dormouse.auth.Permissions;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.catalog.Catalog;
import dev.dormouse.catalog.CatalogServer;
import dev.dormouse.catalog.SessionOwnership;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.database.DatabaseLimits;
import dev.dormouse.modulehost.ModuleArtefact;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.residence.ArchivePositions;
import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.residence.Lives;
import dev.dormouse.residence.Ownership;
import dev.dormouse.residence.ResidenceLimits;
import dev.dormouse.residence.SegmentStore;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.runtimenode.compiler.CompilerLimits;
import dev.dormouse.runtimenode.compiler.OutsideCompiler;
import dev.dormouse.runtimenode.databases.CallRoutes;
import dev.dormouse.runtimenode.databases.DatabaseAccess;
import dev.dormouse.runtimenode.databases.DescriptionRoutes;
import dev.dormouse.runtimenode.databases.Directory;
import dev.dormouse.runtimenode.databases.DirectoryLimits;
import dev.dormouse.runtimenode.databases.ModuleRoutes;
import dev.dormouse.runtimenode.databases.ProgramDesk;
import dev.dormouse.runtimenode.databases.PublishLimits;
import dev.dormouse.runtimenode.databases.PublishRoutes;
import dev.dormouse.runtimenode.databases.SqlRoutes;
import dev.dormouse.runtimenode.databases.StateRoutes;
import dev.dormouse.runtimenode.engine.ArchiveChannel;
import dev.dormouse.runtimenode.engine.EngineLimits;
import dev.dormouse.runtimenode.engine.NodeEngine;
import dev.dormouse.runtimenode.http.Callers;
import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.Workers;
import dev.dormouse.runtimenode.ws.Guest;
import dev.dormouse.runtimenode.ws.OpenSockets;
import dev.dormouse.runtimenode.ws.SocketLimits;
import dev.dormouse.runtimenode.ws.SubscribeRoute;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.MemoryShare;
import dev.dormouse.snapshot.SnapshotLimits;
import dev.dormouse.snapshotstore.ChunkCache;
import dev.dormouse.snapshotstore.DirectoryArtefactStore;
import dev.dormouse.snapshotstore.DirectorySegmentStore;
import dev.dormouse.snapshotstore.PostgresArchivePositions;
import dev.dormouse.snapshotstore.PostgresSnapshotStore;
import dev.dormouse.snapshotstore.SnapshotPool;
import dev.dormouse.snapshotstore.SnapshotStoreLimits;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** The engine of this node and the routes over it. */
@Singleton
final class EngineAssembly {
  private static final String NODE = "single";
  private static final Logger LOG = Logger.getLogger(EngineAssembly.class);

  private final StopSteps stopSteps;
  private final Drills drills;
  private final SecureRandom random = new SecureRandom();

  EngineAssembly(StopSteps stopSteps, Drills drills) {
    this.stopSteps = stopSteps;
    this.drills = drills;
  }

  @Produces
  @Singleton
  SessionOwnership ownership(Catalog catalog) {
    SessionOwnership session = catalog.beginSession(NODE, UUID.randomUUID());
    stopSteps.add("node session", session::end);
    return session;
  }

  @Produces
  @Singleton
  ArtefactStore artefacts(DataFolder folder) throws IOException {
    Path data = folder.path();
    return DirectoryArtefactStore.open(
        data.resolve("artefacts"),
        ModuleArtefact.ENGINE,
        NodeSecrets.readOrMake(data.resolve("secrets").resolve("artefacts.mac"), random),
        drills.clock(),
        LOG::warn);
  }

  @Produces
  @Singleton
  ModuleRuntime modules(
      DataFolder folder,
      @ConfigProperty(name = StartOptions.HOST) String host,
      @ConfigProperty(name = "dormouse.compile") Optional<String> where,
      @ConfigProperty(name = "dormouse.compile-heap-bytes") Optional<Long> heapBytes)
      throws IOException, StartRefused {
    CompilerLimits standard = CompilerLimits.standard(Runtime.getRuntime().maxMemory());
    CompilerLimits limits = heapBytes.map(standard::withHeapBytes).orElse(standard);
    String place = where.orElse(Hosts.isLoopback(host) ? "in-process" : "child");
    return OutsideCompiler.open(
        ModuleRuntime.wasm(),
        folder.path().resolve("compiler"),
        switch (place) {
          case "in-process" -> limits;
          case "child" -> limits.withEveryProgramOutside();
          default ->
              throw new StartRefused(
                  "dormouse.compile must be `in-process` or `child`, got `%s`".formatted(place));
        });
  }

  @Produces
  @Singleton
  SegmentStore segments(DataFolder folder) throws IOException {
    return DirectorySegmentStore.open(folder.path().resolve("segments"));
  }

  @Produces
  @Singleton
  SnapshotPool snapshotPool(CatalogServer server, Catalog migrated) {
    return stopSteps.add(
        "snapshot connections", SnapshotPool.open(server, SnapshotStoreLimits.DEFAULTS));
  }

  @Produces
  @Singleton
  ArchivePositions positions(SnapshotPool pool) {
    return new PostgresArchivePositions(pool.source());
  }

  @Produces
  @Singleton
  SnapshotStore snapshots(SnapshotPool pool, DataFolder folder) throws IOException {
    ExecutorService chunks =
        Executors.newFixedThreadPool(
            SnapshotStoreLimits.DEFAULTS.chunkThreads(),
            run -> new Thread(null, run, "chunks", 512 << 10));
    stopSteps.add("chunk threads", chunks::shutdown);
    ChunkCache cache =
        ChunkCache.open(
            folder.path().resolve("chunks"),
            SnapshotStoreLimits.DEFAULTS,
            SnapshotLimits.DEFAULTS,
            chunks,
            drills.clock(),
            LOG::warn);
    return new PostgresSnapshotStore(
        pool.source(),
        SnapshotLimits.DEFAULTS,
        SnapshotStoreLimits.DEFAULTS,
        chunks,
        Optional.of(cache));
  }

  @Produces
  @Singleton
  NodeEngine engine(
      DataFolder folder,
      ModuleRuntime modules,
      SessionOwnership ownership,
      ArtefactStore artefacts,
      SnapshotStore snapshots,
      SegmentStore segments,
      ArchivePositions positions,
      Catalog catalog,
      Provider<ArchiveChannel> archive,
      OpenSockets sockets,
      RetentionSettings retention,
      MemoryBudget memory,
      @ConfigProperty(name = StartOptions.IDLE_AFTER) Optional<Duration> idleAfter,
      @ConfigProperty(name = "dormouse.free-disk-bytes") Optional<Long> freeBytesMin,
      @ConfigProperty(name = "dormouse.program-bytes") Optional<Long> programBytes,
      @ConfigProperty(name = "dormouse.call-cpu") Optional<Duration> callCpu)
      throws IOException {
    Path journal = folder.path().resolve("journal");
    ResidenceLimits standard =
        programBytes
            .map(ResidenceLimits.STANDARD::withProgramBytes)
            .orElse(ResidenceLimits.STANDARD);
    ResidenceLimits limits =
        idleAfter.map(standard::withIdleAfter).orElse(standard).withRetention(retention.limits());
    return stopSteps.add(
        "engine",
        NodeEngine.start(
            new NodeEngine.Parts(
                folder.path(),
                drills.around(LogStorage.class, LogStorage.inFolder(journal)),
                List.of(folder.path(), journal),
                modules,
                drills.around(Ownership.class, ownership),
                drills.around(ArtefactStore.class, artefacts),
                drills.around(SnapshotStore.class, snapshots),
                drills.around(SegmentStore.class, segments),
                drills.around(ArchivePositions.class, positions),
                drills.around(Lives.class, catalog.lives()),
                range -> archive.get().archive(range),
                sockets,
                limits,
                callCpu.map(DatabaseLimits.DEFAULT::withCallCpu).orElse(DatabaseLimits.DEFAULT),
                freeBytesMin
                    .map(EngineLimits.STANDARD::withFreeBytesMin)
                    .orElse(EngineLimits.STANDARD)
                    .withRetention(retention.every()),
                retention.mode(),
                drills.clock(),
                memory)));
  }

  @Produces
  @Singleton
  OpenSockets sockets(Provider<NodeEngine> engine, Workers workers, MemoryBudget memory) {
    return new OpenSockets(
        SocketLimits.standard(Runtime.getRuntime().maxMemory()),
        () -> engine.get().residence(),
        workers,
        System::nanoTime,
        share(memory),
        share(memory));
  }

  private static MemoryShare share(MemoryBudget memory) {
    return EngineLimits.STANDARD.share(memory, Runtime.getRuntime().maxMemory());
  }

  @Produces
  @Singleton
  RouteGroup subscribing(
      Callers callers, DatabaseAccess access, OpenSockets sockets, NodeEngine engine) {
    return new SubscribeRoute(
        exchange ->
            callers
                .presentedOrNew(exchange.header("authorization"), exchange.query("token"))
                .compose(
                    caller ->
                        exchange.work(
                            () ->
                                new Guest(
                                    caller.identity(), caller.token(), caller.claims().payload()))),
        access::key,
        sockets,
        random);
  }

  @Produces
  @Singleton
  Directory directory(Catalog catalog) {
    return new Directory(catalog, DirectoryLimits.STANDARD);
  }

  @Produces
  @Singleton
  DatabaseAccess access(Permissions permissions, Directory directory) {
    return new DatabaseAccess(permissions, directory, random);
  }

  @Produces
  @Singleton
  PublishLimits publishLimits(
      @ConfigProperty(name = "dormouse.compile-time") Optional<Duration> compileTime) {
    PublishLimits standard = PublishLimits.standard(Runtime.getRuntime().maxMemory());
    return compileTime.map(standard::withCompileTime).orElse(standard);
  }

  @Produces
  @Singleton
  ProgramDesk desk(NodeEngine engine, PublishLimits limits) {
    return stopSteps.add("program desk", new ProgramDesk(engine.programs(), limits));
  }

  @Produces
  @Singleton
  RouteGroup publishing(
      DatabaseAccess access,
      NodeEngine engine,
      ProgramDesk desk,
      TokenIssuer issuer,
      PublishLimits limits,
      MemoryBudget memory) {
    return new PublishRoutes(
        access,
        engine.residence(),
        desk,
        UUID::randomUUID,
        issuer::newDatabase,
        limits,
        share(memory));
  }

  @Produces
  @Singleton
  RouteGroup calls(DatabaseAccess access, NodeEngine engine) {
    return new CallRoutes(access, engine.residence());
  }

  @Produces
  @Singleton
  RouteGroup queries(DatabaseAccess access, NodeEngine engine, HttpLimits limits) {
    return new SqlRoutes(access, engine.residence(), engine.programs(), limits);
  }

  @Produces
  @Singleton
  RouteGroup descriptions(DatabaseAccess access, NodeEngine engine, ProgramDesk desk) {
    return new DescriptionRoutes(access, engine.residence(), desk, engine.logs());
  }

  @Produces
  @Singleton
  RouteGroup moduleRoutes(DatabaseAccess access, ProgramDesk desk) {
    return new ModuleRoutes(access, desk);
  }

  @Produces
  @Singleton
  RouteGroup states(DatabaseAccess access, NodeEngine engine, OpenSockets sockets) {
    return new StateRoutes(access, engine.residence(), each -> sockets.count(each.key()));
  }
}
