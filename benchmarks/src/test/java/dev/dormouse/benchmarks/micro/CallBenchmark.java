package dev.dormouse.benchmarks.micro;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.database.Arguments;
import dev.dormouse.database.Caller;
import dev.dormouse.database.ClientCall;
import dev.dormouse.database.Database;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.DatabaseLimits;
import dev.dormouse.database.DatabaseObserver;
import dev.dormouse.database.Join;
import dev.dormouse.database.Program;
import dev.dormouse.database.Request;
import dev.dormouse.database.Submission;
import dev.dormouse.database.WriteAdmission;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.CpuClock;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.LoadedModule;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.module.ModuleSchema;
import dev.dormouse.subscription.SubscriptionLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A call of {@code transfer} of {@code examples/bank} from its request to its result: lane, checks,
 * wasm, store, record, log; without sockets and with a disk that costs nothing. Runs in the
 * project's folder.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CallBenchmark {
  private static final int ACCOUNTS = 100_000;
  private static final int PICKS = 1 << 16;

  /** Calls of one drain of the lane. */
  private static final int DRAIN = 256;

  private static final Identity OWNER = Identity.fromClaims("benchmark", "owner");

  private static final class Strict implements DatabaseObserver {
    @Override
    public void clientFailed(Caller client, RuntimeException cause) {
      throw new IllegalStateException("client " + client, cause);
    }

    @Override
    public void trapped(String function, String detail) {
      throw new IllegalStateException(function + " trapped: " + detail);
    }

    @Override
    public void failed(Throwable cause) {
      throw new IllegalStateException(cause);
    }

    @Override
    public void leftOver(List<Request> requests, EngineException why) {
      throw new IllegalStateException(why);
    }
  }

  private final LaneByHand lane = new LaneByHand();
  private final CountingClient client = new CountingClient(OWNER);
  private Journal journal = CommitBenchmark.openJournal();
  private byte[][] transfers = {};
  private int next;
  private long expected;
  private Optional<Database> database = Optional.empty();

  @Setup
  public void open() throws IOException {
    byte[] wasm = Files.readAllBytes(Path.of("examples/bank/bank.wasm"));
    ModuleRuntime runtime = ModuleRuntime.wasm();
    LoadedModule module = runtime.load(runtime.compile(wasm, CompileLimits.STANDARD));
    CallWatch watch = new CallWatch(CpuClock.ofThisJvm(), 4);
    byte[] description =
        Program.describe(
                module,
                InstanceLimits.STANDARD,
                watch,
                CpuBudget.STANDARD,
                MemoryBudget.unlimited(),
                System::nanoTime)
            .definition();
    Program program = Program.of(module, ModuleSchema.fromDescription(description));
    journal = CommitBenchmark.openJournal();
    var context =
        new DatabaseContext(
            new DatabaseKey(OWNER, new Generation(new UUID(1, 2))),
            new Epoch(1),
            OWNER,
            lane,
            journal,
            InstantSource.system(),
            System::nanoTime,
            WriteAdmission.ALWAYS,
            watch,
            MemoryBudget.unlimited(),
            (timestamp, function, line) -> {},
            42,
            DatabaseLimits.DEFAULT,
            DatastoreLimits.DEFAULTS,
            InstanceLimits.STANDARD,
            QueryLimits.DEFAULT,
            SubscriptionLimits.DEFAULT);
    database = Optional.of(Database.create(context, new Strict(), program, LogLimits.DEFAULT));
    submit(new Join(client));
    submit(call("seed", little(12).putInt(ACCOUNTS).putLong(1_000_000).array()));
    lane.run();
    journal.writeGroup();
    var random = new SplittableRandom(1);
    transfers = new byte[PICKS][];
    for (int i = 0; i < PICKS; i++) {
      int from = random.nextInt(ACCOUNTS);
      transfers[i] =
          little(16)
              .putInt(from)
              .putInt((from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS)
              .putLong(1)
              .array();
    }
    expected = client.committed();
    if (expected != 1) {
      throw new IllegalStateException("the accounts were not opened");
    }
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ClientCall call(String reducer, byte[] arguments) {
    return new ClientCall(client, 1, reducer, new Arguments.Bsatn(arguments, 0, arguments.length));
  }

  private void submit(Request request) {
    if (database.orElseThrow().submit(request) != Submission.QUEUED) {
      throw new IllegalStateException("not queued");
    }
  }

  /** Queued, run in one drain, written as one group. */
  @Benchmark
  @OperationsPerInvocation(DRAIN)
  public void transfer() throws IOException {
    for (int i = 0; i < DRAIN; i++) {
      next = (next + 1) & (PICKS - 1);
      submit(call("transfer", transfers[next]));
    }
    lane.run();
    journal.writeGroup();
    lane.run();
    expected += DRAIN;
    if (client.committed() != expected) {
      throw new IllegalStateException(
          "%d calls committed, %d expected".formatted(client.committed(), expected));
    }
  }
}
