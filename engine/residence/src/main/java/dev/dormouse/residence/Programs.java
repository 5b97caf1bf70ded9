package dev.dormouse.residence;

import dev.dormouse.database.Program;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.LoadedModule;
import dev.dormouse.modulehost.ModuleArtefact;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.module.ModuleSchema;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The programs of a node: checked and compiled once when published, loaded from their artefacts
 * afterwards, shared by all databases that run them, and kept after sleep within a bound, least
 * recently used first out. Thread safe; blocks.
 *
 * <p>A stored artefact is, in BSATN: {@code description bytes · artefact bytes}.
 */
public final class Programs {
  private final ModuleRuntime runtime;
  private final ArtefactStore store;
  private final CompileLimits compileLimits;
  private final InstanceLimits instanceLimits;
  private final CallWatch watch;
  private final CpuBudget describeBudget;
  private final MemoryBudget memory;
  private final LongSupplier nanoTime;
  private final long keptBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<ModuleHash, Program> kept = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Programs in a store.
   *
   * @param describeBudget CPU time for a module's initialisers and its description
   * @param memory of the node, for the instance that describes itself
   * @param keptBytes footprint of programs that are kept loaded though nobody may be using them
   */
  public Programs(
      ModuleRuntime runtime,
      ArtefactStore store,
      CompileLimits compileLimits,
      InstanceLimits instanceLimits,
      CallWatch watch,
      CpuBudget describeBudget,
      MemoryBudget memory,
      LongSupplier nanoTime,
      long keptBytes) {
    this.runtime = runtime;
    this.store = store;
    this.compileLimits = compileLimits;
    this.instanceLimits = instanceLimits;
    this.watch = watch;
    this.describeBudget = describeBudget;
    this.memory = memory;
    this.nanoTime = nanoTime;
    this.keptBytes = keptBytes;
  }

  /**
   * A program that was published.
   *
   * @param warnings what its owner should know although it runs
   */
  public record Published(Program program, List<String> warnings) {
    public Published {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Checks and compiles a program and stores both forms, the program durably. Takes 50 ms to
   * seconds; an interrupt of the thread ends it.
   *
   * @throws EngineException for its owner, if it is no module that can be served
   */
  public Published publish(byte[] wasm) throws IOException {
    ModuleHash hash = ModuleHash.ofProgram(wasm);
    Optional<Program> present = kept(hash);
    if (present.isPresent()) {
      // No database may have run it for long, so that it is gone from the store, or about to go.
      store.saveProgram(hash, wasm);
      return new Published(present.get(), List.of());
    }
    ModuleArtefact artefact = runtime.compile(wasm, compileLimits);
    Loaded loaded = loadAndDescribe(artefact);
    store.saveProgram(hash, wasm);
    store.saveArtefact(hash, encode(loaded.description(), artefact));
    keep(loaded.program());
    return new Published(loaded.program(), artefact.warnings());
  }

  /** The program of a restored store, which is closed if there is none. As {@link #load}. */
  Program of(Datastore store) throws IOException {
    boolean loaded = false;
    try {
      Program program = load(Program.hashIn(store));
      loaded = true;
      return program;
    } finally {
      if (!loaded) {
        store.close();
      }
    }
  }

  /**
   * A program that was published before.
   *
   * @throws EngineException for the operator, if it is not in the store
   */
  public Program load(ModuleHash hash) throws IOException {
    Optional<Program> present = kept(hash);
    if (present.isPresent()) {
      return present.get();
    }
    Optional<byte[]> stored = store.artefact(hash);
    if (stored.isPresent()) {
      BsatnReader reader = new BsatnReader(stored.get());
      byte[] description = reader.readBytes();
      Optional<ModuleArtefact> artefact = ModuleArtefact.fromBytes(reader.readBytes());
      if (artefact.isPresent()) {
        LoadedModule module = runtime.load(artefact.get());
        Program program = Program.of(module, ModuleSchema.fromDescription(description));
        keep(program);
        return program;
      }
    }
    byte[] wasm =
        store
            .program(hash)
            .orElseThrow(
                () -> EngineException.operator("program " + hash + " is missing from the store"));
    ModuleArtefact artefact = runtime.compile(wasm, compileLimits);
    Loaded loaded = loadAndDescribe(artefact);
    store.saveArtefact(hash, encode(loaded.description(), artefact));
    keep(loaded.program());
    return loaded.program();
  }

  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Loaded(Program program, byte[] description) {}

  private Loaded loadAndDescribe(ModuleArtefact artefact) {
    LoadedModule module = runtime.load(artefact);
    byte[] description =
        Program.describe(module, instanceLimits, watch, describeBudget, memory, nanoTime);
    return new Loaded(Program.of(module, ModuleSchema.fromDescription(description)), description);
  }

  private static byte[] encode(byte[] description, ModuleArtefact artefact) {
    return new BsatnWriter().writeBytes(description).writeBytes(artefact.toBytes()).toByteArray();
  }

  private Optional<Program> kept(ModuleHash hash) {
    lock.lock();
    try {
      return Optional.ofNullable(kept.get(hash));
    } finally {
      lock.unlock();
    }
  }

  private void keep(Program program) {
    lock.lock();
    try {
      kept.put(program.hash(), program);
      long bytes = kept.values().stream().mapToLong(Program::footprintBytes).sum();
      Iterator<Map.Entry<ModuleHash, Program>> oldest = kept.entrySet().iterator();
      while (bytes > keptBytes && kept.size() > 1 && oldest.hasNext()) {
        bytes -= oldest.next().getValue().footprintBytes();
        oldest.remove();
      }
    } finally {
      lock.unlock();
    }
  }
}
