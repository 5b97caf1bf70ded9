package dev.dormouse.modulehost;

import dev.dormouse.sats.ModuleHash;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The modules a node keeps loaded, one per program however many databases run it. Modules in use
 * are held; of the others the least recently used go first once all together take more than the
 * bound. Safe for use by several threads; a module is loaded by one of them while the others wait
 * for it.
 */
public final class LoadedModuleCache {
  /** A loaded module held for one database; close it when the last instance is given up. */
  public final class Lease implements AutoCloseable {
    private final Entry entry;
    private final LoadedModule module;
    private boolean closed;

    private Lease(Entry entry, LoadedModule module) {
      this.entry = entry;
      this.module = module;
    }

    /** The module. */
    public LoadedModule module() {
      return module;
    }

    /** Gives the module back; closing twice does nothing. */
    @Override
    public void close() {
      release(this);
    }
  }

  private static final class Entry {
    private final ModuleHash hash;
    private int leases;
    private long bytes;
    private @Nullable LoadedModule module;

    Entry(ModuleHash hash) {
      this.hash = hash;
    }
  }

  private final ModuleRuntime runtime;
  private final long bytesMax;

  /** In the order of use, least recently first. */
  private final Map<ModuleHash, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * An empty cache.
   *
   * @param bytesMax sum of {@link LoadedModule#footprintBytes()} beyond which modules that nobody
   *     uses are dropped; modules in use may exceed it
   */
  public LoadedModuleCache(ModuleRuntime runtime, long bytesMax) {
    if (bytesMax < 0) {
      throw new IllegalArgumentException("a cache of %d bytes".formatted(bytesMax));
    }
    this.runtime = runtime;
    this.bytesMax = bytesMax;
  }

  /**
   * The loaded module of that program, which is loaded now if it is not there.
   *
   * @param artefact asked for only if the module must be loaded
   */
  public Lease lease(ModuleHash hash, Supplier<ModuleArtefact> artefact) {
    Entry entry;
    synchronized (this) {
      entry = entries.computeIfAbsent(hash, Entry::new);
      entry.leases++;
    }
    try {
      return new Lease(entry, loaded(entry, artefact));
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        entry.leases--;
        dropUnused();
      }
      throw e;
    }
  }

  private LoadedModule loaded(Entry entry, Supplier<ModuleArtefact> artefact) {
    // The entry's own lock, so that loading one module keeps nobody from the others.
    synchronized (entry) {
      LoadedModule module = entry.module;
      if (module == null) {
        module = runtime.load(artefact.get());
        if (!module.hash().equals(entry.hash)) {
          throw new IllegalStateException(
              "asked for module %s, given %s".formatted(entry.hash, module.hash()));
        }
        entry.module = module;
        synchronized (this) {
          entry.bytes = module.footprintBytes();
          bytes += entry.bytes;
          dropUnused();
        }
      }
      return module;
    }
  }

  private synchronized void release(Lease lease) {
    if (!lease.closed) {
      lease.closed = true;
      lease.entry.leases--;
      dropUnused();
    }
  }

  private void dropUnused() {
    Iterator<Entry> oldestFirst = entries.values().iterator();
    while (oldestFirst.hasNext()) {
      Entry entry = oldestFirst.next();
      boolean neverLoaded = entry.bytes == 0;
      if (entry.leases == 0 && (neverLoaded || bytes > bytesMax)) {
        bytes -= entry.bytes;
        oldestFirst.remove();
      }
    }
  }

  /** What all loaded modules take together. */
  public synchronized long footprintBytes() {
    return bytes;
  }

  /** How many modules are loaded or being loaded. */
  public synchronized int size() {
    return entries.size();
  }
}
