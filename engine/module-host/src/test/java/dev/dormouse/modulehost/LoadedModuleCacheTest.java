package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.ModuleHash;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Modules stay loaded while they are used, and as long after as the bound allows. */
final class LoadedModuleCacheTest {
  private static ModuleArtefact artefact(int number) {
    byte[] program = ModuleChecksTest.abi().reducer(code -> code.i32(number)).build();
    return Guests.RUNTIME.compile(program, CompileLimits.STANDARD);
  }

  private final AtomicInteger loads = new AtomicInteger();

  private final ModuleRuntime counting =
      new ModuleRuntime() {
        @Override
        public ModuleArtefact compile(byte[] program, CompileLimits limits) {
          return Guests.RUNTIME.compile(program, limits);
        }

        @Override
        public LoadedModule load(ModuleArtefact artefact) {
          loads.incrementAndGet();
          return Guests.RUNTIME.load(artefact);
        }
      };

  @Test
  void oneModuleForAllDatabasesOfAProgram() {
    LoadedModuleCache cache = new LoadedModuleCache(counting, Long.MAX_VALUE);
    ModuleArtefact one = artefact(1);
    try (LoadedModuleCache.Lease first = cache.lease(one.hash(), () -> one);
        LoadedModuleCache.Lease second = cache.lease(one.hash(), () -> one)) {
      assertSame(first.module(), second.module());
    }
    assertEquals(1, loads.get());
    assertEquals(1, cache.size());
    assertTrue(cache.footprintBytes() > 0);
  }

  @Test
  void leastRecentlyUsedGoesFirstAndNeverWhatIsInUse() {
    ModuleArtefact one = artefact(1);
    ModuleArtefact two = artefact(2);
    ModuleArtefact three = artefact(3);
    long each = Guests.RUNTIME.load(one).footprintBytes();
    LoadedModuleCache cache = new LoadedModuleCache(counting, 2 * each);
    LoadedModuleCache.Lease inUse = cache.lease(one.hash(), () -> one);
    cache.lease(two.hash(), () -> two).close();
    cache.lease(three.hash(), () -> three).close();
    assertEquals(2, cache.size(), "two has gone");
    assertEquals(2 * each, cache.footprintBytes());
    cache.lease(three.hash(), () -> three).close();
    assertEquals(3, loads.get());
    cache.lease(two.hash(), () -> two).close();
    assertEquals(4, loads.get());
    LoadedModuleCache.Lease again = cache.lease(one.hash(), () -> one);
    assertSame(inUse.module(), again.module());
    inUse.close();
    inUse.close();
    cache.lease(three.hash(), () -> three).close();
    assertEquals(2, cache.size(), "one is still leased although its other lease closed twice");
    again.close();
    assertEquals(5, loads.get());
  }

  @Test
  void modulesInUseMayExceedTheBound() {
    LoadedModuleCache cache = new LoadedModuleCache(counting, 0);
    ModuleArtefact one = artefact(1);
    LoadedModuleCache.Lease lease = cache.lease(one.hash(), () -> one);
    assertEquals(1, cache.size());
    lease.close();
    assertEquals(0, cache.size());
    assertEquals(0, cache.footprintBytes());
  }

  @Test
  void aFailedLoadLeavesNothing() {
    LoadedModuleCache cache = new LoadedModuleCache(counting, Long.MAX_VALUE);
    ModuleArtefact one = artefact(1);
    assertThrows(
        EngineException.class,
        () ->
            cache.lease(
                one.hash(),
                () -> {
                  throw EngineException.operator("no such artefact");
                }));
    assertEquals(0, cache.size());
    ModuleHash other = ModuleHash.ofProgram(new byte[] {1});
    assertThrows(IllegalStateException.class, () -> cache.lease(other, () -> one));
    assertEquals(0, cache.size());
    cache.lease(one.hash(), () -> one).close();
    assertEquals(1, cache.size());
  }

  @Test
  void concurrentLeasesShareOneLoad() throws Exception {
    LoadedModuleCache cache = new LoadedModuleCache(counting, Long.MAX_VALUE);
    ModuleArtefact one = artefact(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<LoadedModule>> work = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        work.add(
            () -> {
              try (LoadedModuleCache.Lease lease = cache.lease(one.hash(), () -> one)) {
                return lease.module();
              }
            });
      }
      for (Future<LoadedModule> each : threads.invokeAll(work)) {
        assertSame(cache.lease(one.hash(), () -> one).module(), each.get());
      }
    }
    assertEquals(1, loads.get());
  }

  /** Runs a module and says where its classes live, keeping nothing else alive. */
  private static WeakReference<ClassLoader> runAndForget(
      LoadedModuleCache cache, ModuleArtefact artefact, ReferenceQueue<ClassLoader> unloaded) {
    try (LoadedModuleCache.Lease lease = cache.lease(artefact.hash(), () -> artefact)) {
      WasmInstance instance =
          Guests.instance(lease.module(), new MapHost(), InstanceLimits.STANDARD);
      assertEquals(new CallOutcome.BadReturnCode(9), Guests.call(instance));
      ClassLoader loader = instance.classLoader();
      assertNotSame(ModuleRuntime.class.getClassLoader(), loader);
      return new WeakReference<>(loader, unloaded);
    }
  }

  @Test
  @Timeout(30)
  void droppedModulesAreUnloaded() throws Exception {
    LoadedModuleCache cache = new LoadedModuleCache(counting, 0);
    ReferenceQueue<ClassLoader> unloaded = new ReferenceQueue<>();
    WeakReference<ClassLoader> loader = runAndForget(cache, artefact(9), unloaded);
    assertEquals(0, cache.size());
    do {
      System.gc();
    } while (unloaded.remove(50) == null);
    assertTrue(loader.refersTo(null));
  }
}
