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
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.module.ModuleSchema;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
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

  // Guarded by the lock.
  private final LinkedHashMap<ModuleHash, Program> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<ModuleHash, FutureTask<Program>> loading = new HashMap<>();

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
    Loaded loaded = loadAndDescribe(runtime.compile(wasm, compileLimits));
    store.saveProgram(hash, wasm);
    store.saveArtefact(hash, encode(loaded));
    keep(loaded.program());
    return new Published(loaded.program(), loaded.artefact().warnings());
  }

  /**
   * The bytes of a program as it was published.
   *
   * @param into covers them, on top of what it covers, until whoever asked gives them back
   * @throws EngineException for the operator, if it is not in the store; or to try again, if the
   *     node has no memory for the largest program that there may be
   */
  public byte[] bytes(ModuleHash hash, MemoryAccount into) throws IOException {
    long before = into.heldBytes();
    into.cover(before + compileLimits.programBytesMax(), "a program");
    byte[] program =
        store
            .program(hash)
            .orElseThrow(
                () -> EngineException.operator("program " + hash + " is not in the store"));
    into.settle(before + program.length);
    return program;
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
   * A program that was published before; who asks for one that is being loaded waits for it.
   *
   * @throws EngineException for the operator, if it is not in the store
   */
  public Program load(ModuleHash hash) throws IOException {
    FutureTask<Program> task;
    lock.lock();
    try {
      Program present = kept.get(hash);
      if (present != null) {
        return present;
      }
      task = loading.computeIfAbsent(hash, absent -> new FutureTask<>(() -> loadStored(absent)));
    } finally {
      lock.unlock();
    }
    task.run(); // Here, unless somebody else runs it already.
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw thrownBy(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while program " + hash + " was loaded");
    } finally {
      lock.lock();
      try {
        loading.remove(hash, task);
      } finally {
        lock.unlock();
      }
    }
  }

  private static IOException thrownBy(ExecutionException e) throws IOException {
    return switch (e.getCause()) {
      case IOException io -> io;
      case RuntimeException runtime -> throw runtime;
      case Error error -> throw error;
      case null, default -> new IOException(e);
    };
  }

  /**
   * Loads a program that is about to be needed, with its classes, while whoever needs it does
   * something else.
   */
  void loadAhead(ModuleHash hash, Executor workers) {
    if (kept(hash).isEmpty()) {
      workers.execute(
          () -> {
            try {
              load(hash).loadClasses();
            } catch (IOException | EngineException e) {
              // Whoever needs it loads it again, and says so.
              System.getLogger("dormouse.database")
                  .log(System.Logger.Level.DEBUG, "program " + hash + " not loaded ahead", e);
            }
          });
    }
  }

  private Program loadStored(ModuleHash hash) throws IOException {
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
    Loaded loaded = loadAndDescribe(runtime.compile(wasm, compileLimits));
    store.saveArtefact(hash, encode(loaded));
    keep(loaded.program());
    return loaded.program();
  }

  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Loaded(Program program, byte[] description, ModuleArtefact artefact) {}

  /** Loads a module for the first time, and what its instances can start from, if they can. */
  private Loaded loadAndDescribe(ModuleArtefact compiled) {
    LoadedModule module = runtime.load(compiled);
    Program.Described described =
        Program.describe(module, instanceLimits, watch, describeBudget, memory, nanoTime);
    ModuleSchema schema = ModuleSchema.fromDescription(described.definition());
    ModuleArtefact artefact = described.image().map(compiled::startingFrom).orElse(compiled);
    return new Loaded(
        Program.of(module.startingAs(artefact), schema), described.definition(), artefact);
  }

  private static byte[] encode(Loaded loaded) {
    return new BsatnWriter()
        .writeBytes(loaded.description())
        .writeBytes(loaded.artefact().toBytes())
        .toByteArray();
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
