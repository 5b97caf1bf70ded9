package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryAccount;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One wasm instance: enters the guest, and says how it came out. */
final class WasmInstance implements ModuleInstance {
  /** Stands for the initialisation of memory and tables and the start function. */
  private static final int START = -1;

  private static final int REDUCER_PARAMETERS = 10;

  private final WasmLoaded module;
  private final Instance instance;
  private final Machine machine;
  private final LinearMemory memory;
  private final List<MemoryAccount> accounts;
  private final GuestImports imports;
  private final GuestCall call;
  private final CallWatch watch;
  private final int stackBytesMax;
  private final long[] reducerArguments = new long[REDUCER_PARAMETERS];
  private byte[] description = new byte[0];
  private int slot;
  private int returned;
  private boolean poisoned;

  WasmInstance(
      WasmLoaded module,
      Instance instance,
      LinearMemory memory,
      List<MemoryAccount> accounts,
      GuestImports imports,
      GuestCall call,
      CallWatch watch,
      InstanceLimits limits) {
    this.module = module;
    this.instance = instance;
    this.machine = instance.getMachine();
    this.memory = memory;
    this.accounts = accounts;
    this.imports = imports;
    this.call = call;
    this.watch = watch;
    this.stackBytesMax = limits.stackBytesMax();
  }

  /** Runs what the guest runs before its first call. Source: spec module-abi §7.2. */
  void initialize(CpuBudget budget) {
    EntryPoints entry = module.entryPoints();
    initializer("the start function", START, budget);
    if (entry.initialize().isPresent()) {
      initializer("_initialize", entry.initialize().getAsInt(), budget);
    }
    for (EntryPoints.Preinit preinit : entry.preinits()) {
      initializer(preinit.name(), preinit.function(), budget);
    }
    if (entry.setup().isPresent()) {
      byte[] error = initializer("__setup__", entry.setup().getAsInt(), budget);
      if (returned != 0) {
        throw EngineException.tenant(
            "module refuses to start: __setup__ returned %d, %s"
                .formatted(returned, new String(error, StandardCharsets.UTF_8)));
      }
    }
    description = initializer("__describe_module__", entry.describe(), budget);
  }

  /** Makes it what the image was taken of; no code of the guest runs. */
  void initialize(InstanceImage image) {
    try {
      instance.initialize(false); // There are no segments and no start function: globals alone.
      image.copyTo(instance, memory);
    } catch (ChicoryException e) {
      throw new IllegalStateException("the image of module " + module.hash() + " is broken", e);
    }
    description = image.description();
  }

  @Override
  public Optional<InstanceImage> image() {
    return module.mayHaveImage()
        ? InstanceImage.of(instance, memory, description)
        : Optional.empty();
  }

  /** Runs one initialiser with a sink as its argument; what it wrote there. */
  private byte[] initializer(String name, int function, CpuBudget budget) {
    imports.beginCall(false);
    try {
      int sink = imports.sinks().open();
      CallOutcome failure = enter(function, new long[] {sink}, budget);
      if (failure != null) {
        throw EngineException.tenant(
            "module cannot be instantiated: %s %s".formatted(name, text(failure)));
      }
      return imports.sinks().content(sink);
    } finally {
      imports.endCall();
    }
  }

  private static String text(CallOutcome failure) {
    return switch (failure) {
      case CallOutcome.Trapped(String detail) -> "trapped: " + detail;
      case CallOutcome.OutOfBudget() -> "ran over its CPU budget";
      case CallOutcome.Returned(), CallOutcome.UserError(_), CallOutcome.BadReturnCode(_) ->
          throw new IllegalStateException("not a way to leave a guest: " + failure);
    };
  }

  @Override
  public byte[] description() {
    return description.clone();
  }

  @Override
  public boolean isPoisoned() {
    return poisoned;
  }

  /** For tests: the memory as the host sees it. */
  GuestMemory guestMemory() {
    return memory;
  }

  /** For tests: the value of an exported i32 global. */
  int global(String name) {
    return (int) instance.exports().global(name).getValue();
  }

  /** For tests: where the classes of the module live. */
  ClassLoader classLoader() {
    return machine.getClass().getClassLoader();
  }

  @Override
  public void close() {
    accounts.forEach(MemoryAccount::close);
  }

  @Override
  public long memoryBytes() {
    return memory.residentBytes();
  }

  @Override
  public CallOutcome callReducer(
      int reducer,
      Identity sender,
      ConnectionId connection,
      long timestampMicros,
      byte[] arguments,
      CpuBudget budget) {
    if (poisoned) {
      throw new IllegalStateException("a call of a poisoned instance, module " + module.hash());
    }
    imports.beginCall(true);
    try {
      int sink = imports.sinks().open();
      long[] values = reducerArguments;
      values[0] = reducer;
      values[1] = sender.word0();
      values[2] = sender.word1();
      values[3] = sender.word2();
      values[4] = sender.word3();
      values[5] = connection.word0();
      values[6] = connection.word1();
      values[7] = timestampMicros;
      values[8] = imports.sources().addUnlessEmpty(arguments);
      values[9] = sink;
      CallOutcome failure = enter(module.entryPoints().callReducer(), values, budget);
      return failure == null ? outcome(sink) : failure;
    } finally {
      imports.endCall();
    }
  }

  private CallOutcome outcome(int sink) {
    return switch (returned) {
      case 0 -> CallOutcome.Returned.INSTANCE;
      case 1 ->
          new CallOutcome.UserError(
              new String(imports.sinks().content(sink), StandardCharsets.UTF_8));
      default -> new CallOutcome.BadReturnCode(returned);
    };
  }

  /**
   * Runs guest code. Leaves what it returned in {@link #returned}.
   *
   * @return how it failed, or null if it returned
   * @throws EngineException RETRY if it trapped after the node had refused it memory
   */
  private @Nullable CallOutcome enter(int function, long[] arguments, CpuBudget budget) {
    call.begin(budget);
    memory.resetStack(stackBytesMax);
    memory.forgetRefusal();
    slot = watch.enter(call, slot);
    @Nullable Throwable trap = null;
    boolean settled = false;
    boolean stopped;
    try {
      returned = run(function, arguments);
      settled = true;
    } catch (GuestStopped | ChicoryException | HostTrap | StackOverflowError e) {
      trap = e;
      settled = true;
    } catch (RuntimeException e) {
      // Out of generated code it is the guest's doing, out of host code it is a bug of the host.
      if (call.isInHost()) {
        throw e;
      }
      trap = e;
      settled = true;
    } finally {
      // Also when something else flies through: the watch must let go, and the guest is torn.
      stopped = call.end();
      watch.exit(slot);
      poisoned |= !settled || trap != null || stopped;
    }
    if (stopped || trap instanceof GuestStopped) {
      return new CallOutcome.OutOfBudget();
    }
    EngineException refused = memory.refusal();
    if (trap != null && refused != null) {
      throw refused;
    }
    return trap == null ? null : new CallOutcome.Trapped(detail(trap));
  }

  private int run(int function, long[] arguments) {
    if (function == START) {
      instance.initialize(false);
      return 0;
    }
    long[] results = machine.call(function, arguments);
    return results == null || results.length == 0 ? 0 : (int) results[0];
  }

  private String detail(Throwable trap) {
    String reason =
        switch (trap) {
          case StackOverflowError _ -> "call stack exhausted";
          case ChicoryInterruptedException _ -> "its thread was interrupted by somebody else";
          case ChicoryException e -> Objects.requireNonNullElse(e.getMessage(), e.toString());
          case HostTrap e -> Objects.requireNonNullElse(e.getMessage(), e.toString());
          default -> trap.toString();
        };
    List<String> frames = module.names().frames(trap.getStackTrace());
    return frames.isEmpty() ? reason : reason + " in " + String.join(" < ", frames);
  }
}
