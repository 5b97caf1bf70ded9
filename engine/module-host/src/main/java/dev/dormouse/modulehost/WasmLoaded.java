package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.internal.CompilerInterpreterMachine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.Global;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.OpCode;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.EngineException.Code;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.ModuleHash;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;

/** A wasm module whose classes are loaded. */
final class WasmLoaded implements LoadedModule {
  /** Classes, of some 30 KB, up to which all are loaded ahead. */
  private static final int CLASSES_AHEAD_MAX = 32;

  /** So much of a guest's stack is in memory from the start. */
  private static final int STACK_IN_USE_BYTES = 64 << 10;

  /**
   * Bytes in memory for each byte of an artefact: measured on the chat, 1.5 in metaspace and 0.35
   * on the heap.
   */
  private static final int LOADED_PER_STORED = 2;

  private final ModuleHash hash;
  private final long footprintBytes;
  private final WasmModule module;
  private final FunctionNames names;
  private final EntryPoints entryPoints;
  private final MemoryLimits memory;
  private final int hardlyTouched;
  private final ImportValues imports;
  private final Constructor<? extends Machine> machines;
  private final boolean interruptible;
  private final InstanceStart start;

  /** Binary names. */
  private final List<String> classes;

  WasmLoaded(ModuleArtefact artefact, WasmModule module) {
    this(artefact, module, machineConstructor(artefact));
  }

  private WasmLoaded(
      ModuleArtefact artefact, WasmModule module, Constructor<? extends Machine> machines) {
    this.hash = artefact.hash();
    this.footprintBytes =
        LOADED_PER_STORED
                * (artefact.classes().values().stream().mapToLong(bytes -> bytes.length).sum()
                    + artefact.module().length
                    + artefact.names().length)
            + artefact.start().footprintBytes();
    this.module = module;
    this.names = FunctionNames.ofBytes(artefact.names());
    this.entryPoints = EntryPoints.of(module);
    this.memory = module.memorySection().orElseThrow().getMemory(0).limits();
    this.hardlyTouched = hardlyTouched(module);
    this.imports = link(module);
    this.machines = machines;
    this.interruptible = !interprets(machines.getDeclaringClass());
    this.start = artefact.start();
    this.classes = List.copyOf(artefact.classes().keySet());
  }

  @Override
  public LoadedModule startingAs(ModuleArtefact artefact) {
    if (!artefact.hash().equals(hash)) {
      throw new IllegalArgumentException(
          "module %s cannot start as %s does".formatted(hash, artefact.hash()));
    }
    return new WasmLoaded(artefact, WasmRuntime.parse(artefact.module()), machines);
  }

  @Override
  public void loadClasses() {
    if (classes.size() > CLASSES_AHEAD_MAX) {
      return;
    }
    ClassLoader loader = machines.getDeclaringClass().getClassLoader();
    for (String each : classes) {
      try {
        Class.forName(each, true, loader);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("artefact of module " + hash + " is broken", e);
      }
    }
  }

  /** Whether instances hold nothing that an image of them had not. */
  boolean mayHaveImage() {
    return !start.equals(new InstanceStart.ByInitialisers(false));
  }

  /**
   * The address below which a module has nothing but the deep end of its stack: LLVM puts the stack
   * first, growing down from the initial value of global 0, and data behind it. 0 if this module
   * looks different.
   */
  private static int hardlyTouched(WasmModule module) {
    if (module.globalSection().globalCount() == 0) {
      return 0;
    }
    Global first = module.globalSection().getGlobal(0);
    if (first.mutabilityType() != MutabilityType.Var) {
      return 0;
    }
    long lowest = constant(first.initInstructions());
    for (DataSegment segment : module.dataSection().dataSegments()) {
      if (segment instanceof ActiveDataSegment active) {
        lowest = Math.min(lowest, constant(active.offsetInstructions()));
      }
    }
    return (int) Math.max(0, lowest - STACK_IN_USE_BYTES);
  }

  /** The value of an expression that is one i32 constant; else 0. */
  private static long constant(List<Instruction> expression) {
    return expression.getFirst().opcode() == OpCode.I32_CONST
            && (expression.size() == 1 || expression.get(1).opcode() == OpCode.END)
        ? expression.getFirst().operand(0)
        : 0;
  }

  private static Constructor<? extends Machine> machineConstructor(ModuleArtefact artefact) {
    try {
      return new ModuleClassLoader(artefact.classes())
          .loadClass(GuestClasses.MAIN_CLASS)
          .asSubclass(Machine.class)
          .getConstructor(Instance.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("artefact of module " + artefact.hash() + " is broken", e);
    }
  }

  /** Whether some functions run in Chicory's interpreter, for which an interrupt is the end. */
  private static boolean interprets(Class<?> machine) {
    return Arrays.stream(machine.getDeclaredFields())
        .anyMatch(field -> CompilerInterpreterMachine.class.isAssignableFrom(field.getType()));
  }

  private static ImportValues link(WasmModule module) {
    ImportFunction[] functions =
        AbiImport.importsOf(module).stream().map(AbiImport::link).toArray(ImportFunction[]::new);
    return ImportValues.builder().addFunction(functions).build();
  }

  @Override
  public ModuleHash hash() {
    return hash;
  }

  @Override
  public long footprintBytes() {
    return footprintBytes;
  }

  FunctionNames names() {
    return names;
  }

  EntryPoints entryPoints() {
    return entryPoints;
  }

  @Override
  public ModuleInstance instantiate(
      HostCalls host,
      InstanceLimits limits,
      CallWatch watch,
      CpuBudget budget,
      MemoryBudget memoryBudget) {
    int initialPages =
        switch (start) {
          case InstanceStart.ByInitialisers _ -> memory.initialPages();
          case InstanceStart.FromImage(InstanceImage image) -> image.pages();
        };
    long initialBytes = (long) initialPages * LinearMemory.PAGE_BYTES;
    if (initialBytes > limits.memoryBytesMax()) {
      throw EngineException.tenant(
          "module starts with %d bytes of memory, limit %d bytes"
              .formatted(initialBytes, limits.memoryBytesMax()));
    }
    int pagesMax =
        Math.min(memory.maximumPages(), (int) (limits.memoryBytesMax() / LinearMemory.PAGE_BYTES));
    MemoryAccount account = memoryBudget.open();
    MemoryAccount tablesAccount = memoryBudget.open();
    boolean made = false;
    try {
      LinearMemory guestMemory = new LinearMemory(initialPages, pagesMax, hardlyTouched(), account);
      GuestConsole console = new GuestConsole(host, names, limits.consoleTimersMax());
      GuestCall call = new GuestCall(watch.pauses(), interruptible);
      GuestImports guestImports = new GuestImports(guestMemory, host, limits, console, call);
      guestMemory.attach(guestImports);
      GuestTables tables = new GuestTables(limits.tableElementsMax(), tablesAccount, guestMemory);
      Instance instance = build(guestMemory, tables);
      WasmInstance guest =
          new WasmInstance(
              this,
              instance,
              guestMemory,
              List.of(account, tablesAccount),
              guestImports,
              call,
              watch,
              limits);
      switch (start) {
        case InstanceStart.ByInitialisers _ -> guest.initialize(budget);
        case InstanceStart.FromImage(InstanceImage image) -> guest.initialize(image);
      }
      made = true;
      return guest;
    } finally {
      if (!made) {
        account.close();
        tablesAccount.close();
      }
    }
  }

  private int hardlyTouched() {
    return switch (start) {
      case InstanceStart.ByInitialisers _ -> hardlyTouched;
      case InstanceStart.FromImage(InstanceImage image) -> image.base();
    };
  }

  /** An instance in which no guest code has run yet. */
  private Instance build(LinearMemory guestMemory, GuestTables tables) {
    try {
      return Instance.builder(module)
          .withInitialize(false)
          .withStart(false)
          .withImportValues(imports)
          .withMachineFactory(this::machine)
          .withMemoryFactory(ignored -> guestMemory)
          .withTableFactory(tables::make)
          .build();
    } catch (ChicoryException e) {
      throw new EngineException(Code.TENANT, "module cannot be instantiated: " + e.getMessage(), e);
    }
  }

  private Machine machine(Instance instance) {
    try {
      return machines.newInstance(instance);
    } catch (InstantiationException | IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("generated class of module " + hash + " is broken", e);
    }
  }
}
