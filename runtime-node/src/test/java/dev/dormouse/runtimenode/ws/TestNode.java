package dev.dormouse.runtimenode.ws;

import dev.dormouse.auth.AuthLimits;
import dev.dormouse.auth.IssuerKeys;
import dev.dormouse.auth.SigningKeys;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.auth.TokenVerifier;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.DatabaseLimits;
import dev.dormouse.database.WriteAdmission;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.CpuClock;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.residence.ArchivePositions;
import dev.dormouse.residence.ArchiveReader;
import dev.dormouse.residence.Archiver;
import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.residence.DatabaseState;
import dev.dormouse.residence.MemoryOwnership;
import dev.dormouse.residence.Programs;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.ResidenceContext;
import dev.dormouse.residence.ResidenceLimits;
import dev.dormouse.residence.SegmentStore;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.residence.TrimFloor;
import dev.dormouse.runtimenode.cores.CoreSplit;
import dev.dormouse.runtimenode.http.Callers;
import dev.dormouse.runtimenode.http.Edge;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.OpenRequests;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.runtimenode.http.Workers;
import dev.dormouse.runtimenode.lanes.LaneThreadLimits;
import dev.dormouse.runtimenode.lanes.LaneThreads;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.MemoryShare;
import dev.dormouse.snapshot.SnapshotLimits;
import dev.dormouse.subscription.SubscriptionLimits;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * A node with its real engine and a real HTTP server, whose clock stands still and whose log is
 * held at a test's wish.
 */
final class TestNode implements AutoCloseable {
  static final Identity OWNER = Identity.fromClaims("test", "owner");
  static final String CHAT = "chat";
  static final String V3 = "v3.bsatn.spacetimedb";
  static final String V2 = "v2.bsatn.spacetimedb";

  /** Compiled once for all nodes of a test run. */
  private static final CallWatch WATCH = new CallWatch(CpuClock.ofThisJvm(), 8);

  private static final Programs PROGRAMS =
      new Programs(
          ModuleRuntime.wasm(),
          ArtefactStore.inMemory(),
          CompileLimits.STANDARD,
          InstanceLimits.STANDARD,
          WATCH,
          CpuBudget.STANDARD,
          MemoryBudget.unlimited(),
          System::nanoTime,
          256 << 20);

  final SocketLimits limits;
  final MemoryBudget memory;
  final OpenSockets sockets;
  final Residence residence;
  final Map<String, DatabaseKey> names = new ConcurrentHashMap<>();
  final AtomicLong clock = new AtomicLong();

  private final Vertx vertx = Vertx.vertx();
  private final Workers workers = new Workers("worker", HttpLimits.standard(), 2);
  private final LaneThreads lanes =
      new LaneThreads(
          LaneThreadLimits.forCores(2),
          CoreSplit.never(),
          (thread, failure) -> {
            throw new AssertionError("on " + thread, failure);
          });
  private final ExecutorService residenceWorkers = Executors.newFixedThreadPool(2);
  private final Semaphore wakes = new Semaphore(2);
  private final Journal journal;
  private final Thread writer;
  private final MemoryOwnership ownership = new MemoryOwnership();
  private final AtomicInteger anonymous = new AtomicInteger();
  private final int port;
  private volatile boolean stopped;
  private volatile boolean logHeld;
  private volatile boolean writerIdle;

  TestNode() {
    this(UnaryOperator.identity());
  }

  TestNode(UnaryOperator<SocketLimits> change) {
    this(change, ResidenceLimits.STANDARD);
  }

  TestNode(UnaryOperator<SocketLimits> change, ResidenceLimits residenceLimits) {
    this(change, residenceLimits, MemoryBudget.unlimited());
  }

  /** With so much memory for databases and sockets together. */
  TestNode(
      UnaryOperator<SocketLimits> change, ResidenceLimits residenceLimits, MemoryBudget memory) {
    this.memory = memory;
    limits = change.apply(SocketLimits.standard(Runtime.getRuntime().maxMemory()));
    Thread[] writing = new Thread[1];
    try {
      journal =
          Journal.open(
              LogStorage.inMemory(),
              LogLimits.DEFAULT,
              new SplittableRandom(1),
              () -> LockSupport.unpark(writing[0]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writer = new Thread(this::write, "log writer");
    writing[0] = writer;
    writer.start();
    SnapshotStore snapshots = SnapshotStore.inMemory(ownership::epochOf, InstantSource.system());
    SegmentStore segments = SegmentStore.inMemory();
    Archiver archiver =
        new Archiver(
            journal,
            segments,
            ArchivePositions.inMemory(),
            TrimFloor.ofSnapshots(snapshots),
            LogLimits.DEFAULT,
            residenceWorkers);
    Residence[] made = new Residence[1];
    sockets =
        new OpenSockets(
            limits,
            () -> made[0],
            workers,
            clock::get,
            new MemoryShare(memory, 0),
            new MemoryShare(memory, 0));
    residence =
        new Residence(
            new ResidenceContext(
                this::context,
                journal,
                LogLimits.DEFAULT,
                ownership,
                snapshots,
                SnapshotLimits.DEFAULTS,
                archiver::archive,
                new ArchiveReader(segments, LogLimits.DEFAULT),
                PROGRAMS,
                sockets,
                this::onWorker,
                InstantSource.system(),
                clock::get,
                residenceLimits));
    made[0] = residence;
    Router router = Router.router(vertx);
    new Edge(HttpLimits.standard(), workers, noTokens(), new OpenRequests(HttpLimits.standard()))
        .mount(
            router,
            List.of(
                new SubscribeRoute(
                    this::authenticate, this::address, sockets, new java.security.SecureRandom())));
    port =
        vertx
            .createHttpServer(
                SocketServerOptions.prepare(new HttpServerOptions(), limits.protocol()))
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join()
            .actualPort();
    publish(CHAT, "examples/chat/chat.wasm");
  }

  /** What the frame looks for tokens with, on routes other than ours. */
  private Callers noTokens() {
    var keys =
        new SigningKeys() {
          @Override
          public ECPrivateKey signingKey() {
            throw new AssertionError("nothing is signed");
          }

          @Override
          public List<ECPublicKey> verificationKeys() {
            throw new AssertionError("nothing is verified");
          }

          @Override
          public String publicPem() {
            throw new AssertionError("nobody asks for the key");
          }
        };
    InstantSource system = InstantSource.system();
    AuthLimits auth = AuthLimits.standard();
    return new Callers(
        new TokenVerifier(keys, "test", IssuerKeys.none(), auth, system, clock::get),
        new TokenIssuer(keys, "test", auth, system, UUID::randomUUID),
        workers,
        workers);
  }

  private void write() {
    while (!stopped) {
      if (logHeld || !journal.writeGroup()) {
        writerIdle = logHeld;
        LockSupport.park();
      }
    }
  }

  /** Nothing becomes durable from now on. */
  void holdLog() {
    writerIdle = false;
    logHeld = true;
    Await.until(
        "the log writer holds",
        () -> {
          LockSupport.unpark(writer);
          return writerIdle;
        });
  }

  /** The log goes on. */
  void releaseLog() {
    logHeld = false;
    LockSupport.unpark(writer);
  }

  /** Databases neither wake nor fall asleep from now on. */
  void holdWakes() {
    wakes.acquireUninterruptibly(2);
  }

  /** Databases wake and fall asleep again. */
  void releaseWakes() {
    wakes.release(2);
  }

  private void onWorker(Runnable step) {
    residenceWorkers.execute(
        () -> {
          wakes.acquireUninterruptibly();
          try {
            step.run();
          } finally {
            wakes.release();
          }
        });
  }

  private DatabaseContext context(DatabaseKey key, Epoch epoch, Identity owner) {
    return new DatabaseContext(
        key,
        epoch,
        owner,
        lanes.newLane(),
        journal,
        InstantSource.system(),
        clock::get,
        WriteAdmission.ALWAYS,
        WATCH,
        memory,
        (timestamp, function, line) -> {},
        42,
        DatabaseLimits.DEFAULT,
        DatastoreLimits.DEFAULTS,
        InstanceLimits.STANDARD,
        QueryLimits.DEFAULT,
        SubscriptionLimits.DEFAULT);
  }

  /** A new database under a name. */
  DatabaseKey publish(String name, String module) {
    DatabaseKey key =
        new DatabaseKey(
            Identity.fromClaims("test", UUID.randomUUID().toString()),
            new Generation(UUID.randomUUID()));
    try {
      Programs.Published published = PROGRAMS.publish(Files.readAllBytes(root().resolve(module)));
      ownership.register(key, OWNER);
      residence.create(key, OWNER, published.program()).serve();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    names.put(name, key);
    return key;
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("docs/spec"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("run the tests inside the repository");
    }
    return folder;
  }

  // ---- time ----

  /** Lets time pass and tells those who watch it. */
  void pass(Duration time) {
    clock.addAndGet(time.toNanos());
    sockets.tick();
  }

  /** Puts the chat to sleep. */
  void sleep() {
    clock.addAndGet(ResidenceLimits.STANDARD.idleAfter().multipliedBy(2).toNanos());
    Await.until(
        "the database sleeps",
        () -> {
          residence.tick();
          return state() == DatabaseState.ASLEEP;
        });
  }

  DatabaseState state() {
    return residence.status(key()).state();
  }

  DatabaseKey key() {
    return Optional.ofNullable(names.get(CHAT)).orElseThrow();
  }

  // ---- who and where, for the route ----

  /** The identity that a token stands for. */
  static Identity identity(String token) {
    return Identity.fromClaims("test", token);
  }

  private Future<Guest> authenticate(Exchange exchange) {
    String token =
        exchange
            .header("authorization")
            .map(value -> value.substring("Bearer ".length()))
            .or(() -> exchange.query("token"))
            .orElseGet(() -> "anonymous-" + anonymous.incrementAndGet());
    return token.equals("bad")
        ? Future.failedFuture(Refusal.text(401, "Invalid token"))
        : exchange.work(() -> new Guest(identity(token), token, "{\"sub\":\"" + token + "\"}"));
  }

  private Future<DatabaseKey> address(Exchange exchange) {
    String name = exchange.pathParameter("db");
    if (name.startsWith("_")) {
      throw Refusal.text(400, "`" + name + "` is no database name");
    }
    DatabaseKey key = names.get(name);
    return key == null
        ? Future.failedFuture(Refusal.text(404, "`" + name + "` not found"))
        : exchange.work(() -> key);
  }

  // ---- clients ----

  /** The URI of the chat's WebSocket. */
  String uri(String query) {
    return "ws://127.0.0.1:" + port + path(CHAT, query);
  }

  private static String path(String name, String query) {
    return "/v1/database/" + name + "/subscribe" + (query.isEmpty() ? "" : "?" + query);
  }

  /** The header lines of a valid upgrade. */
  static List<String> upgradeHeaders(String... subprotocols) {
    var lines =
        new ArrayList<>(
            List.of(
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    for (String subprotocol : subprotocols) {
      lines.add("Sec-WebSocket-Protocol: " + subprotocol);
    }
    return lines;
  }

  RawClient request(String method, String name, String query, List<String> headerLines) {
    return new RawClient(port, method, path(name, query), headerLines, 0);
  }

  /** Opens a WebSocket to the chat; nothing is read from it yet. */
  RawClient upgrade(String query, String subprotocol) {
    return upgrade(query, subprotocol, 0);
  }

  /** Opens a WebSocket that takes few bytes at a time. */
  RawClient upgrade(String query, String subprotocol, int receiveBuffer) {
    var client =
        new RawClient(port, "GET", path(CHAT, query), upgradeHeaders(subprotocol), receiveBuffer);
    if (client.status != 101) {
      throw new AssertionError(client.status + " " + client.body);
    }
    return client;
  }

  /** A client that has been let in. */
  ChatClient connect(String query) {
    return new ChatClient(upgrade(query, V3));
  }

  @Override
  public void close() {
    sockets.closeAll();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    residenceWorkers.close();
    stopped = true;
    LockSupport.unpark(writer);
    try {
      writer.join();
      lanes.close();
      workers.close();
      journal.close();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
