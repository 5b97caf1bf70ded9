package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.EngineException.Code;
import dev.dormouse.sats.ModuleHash;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;

/** A wasm module whose classes are loaded. */
final class WasmLoaded implements LoadedModule {
  private final ModuleHash hash;
  private final long footprintBytes;
  private final WasmModule module;
  private final FunctionNames names;
  private final EntryPoints entryPoints;
  private final MemoryLimits memory;
  private final ImportValues imports;
  private final Constructor<? extends Machine> machines;
  private final InitialPages initialPages = new InitialPages();

  WasmLoaded(ModuleArtefact artefact, WasmModule module) {
    this.hash = artefact.hash();
    this.footprintBytes =
        artefact.classes().values().stream().mapToLong(bytes -> bytes.length).sum()
            + artefact.module().length
            + artefact.names().length;
    this.module = module;
    this.names = FunctionNames.ofBytes(artefact.names());
    this.entryPoints = EntryPoints.of(module);
    this.memory = module.memorySection().orElseThrow().getMemory(0).limits();
    this.imports = link(module);
    this.machines = machineConstructor(artefact);
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
      HostCalls host, InstanceLimits limits, CallWatch watch, CpuBudget budget) {
    long initialBytes = (long) memory.initialPages() * GuestPages.WASM_PAGE_BYTES;
    if (initialBytes > limits.memoryBytesMax()) {
      throw EngineException.tenant(
          "module starts with %d bytes of memory, limit %d bytes"
              .formatted(initialBytes, limits.memoryBytesMax()));
    }
    int pagesMax =
        Math.min(
            memory.maximumPages(), (int) (limits.memoryBytesMax() / GuestPages.WASM_PAGE_BYTES));
    GuestPages pages = new GuestPages(memory.initialPages(), pagesMax, initialPages);
    GuestConsole console = new GuestConsole(host, names, limits.consoleTimersMax());
    GuestCall call = new GuestCall();
    GuestImports guestImports = new GuestImports(pages, host, limits, console, call);
    pages.attach(guestImports);
    Instance instance = build(pages, limits);
    WasmInstance guest =
        new WasmInstance(this, instance, pages, guestImports, call, watch, limits.stackBytesMax());
    guest.initialize(budget);
    return guest;
  }

  /** An instance in which no guest code has run yet. */
  private Instance build(GuestPages pages, InstanceLimits limits) {
    try {
      return Instance.builder(module)
          .withInitialize(false)
          .withStart(false)
          .withImportValues(imports)
          .withMachineFactory(this::machine)
          .withMemoryFactory(ignored -> pages)
          .withTableFactory((table, value) -> table(table, value, limits.tableElementsMax()))
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

  /**
   * A table with limits of its own: {@code table.grow} raises the minimum in the limits it was made
   * with, and the module's are shared by all its instances.
   */
  private static TableInstance table(Table declared, int initialValue, int elementsMax) {
    long min = declared.limits().min();
    long max = Math.max(min, Math.min(declared.limits().max(), elementsMax));
    return new TableInstance(
        new Table(declared.elementType(), new TableLimits(min, max), declared.initialize()),
        initialValue);
  }
}
