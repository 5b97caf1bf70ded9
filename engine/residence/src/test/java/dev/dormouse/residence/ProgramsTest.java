package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.database.Program;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.CpuClock;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.LoadedModule;
import dev.dormouse.modulehost.ModuleArtefact;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Programs that are loaded: once, whoever asks, and ahead of who will ask. */
final class ProgramsTest {
  private static final int WAIT_SECONDS = 20;

  private final ArtefactStore store = ArtefactStore.inMemory();
  private final AtomicInteger loads = new AtomicInteger();

  private Programs programs(Runnable whileLoading) {
    ModuleRuntime real = ModuleRuntime.wasm();
    ModuleRuntime counting =
        new ModuleRuntime() {
          @Override
          public ModuleArtefact compile(byte[] program, CompileLimits limits) {
            return real.compile(program, limits);
          }

          @Override
          public LoadedModule load(ModuleArtefact artefact) {
            loads.incrementAndGet();
            whileLoading.run();
            return real.load(artefact);
          }
        };
    return new Programs(
        counting,
        store,
        CompileLimits.STANDARD,
        InstanceLimits.STANDARD,
        new CallWatch(CpuClock.ofThisJvm(), 8),
        CpuBudget.STANDARD,
        MemoryBudget.unlimited(),
        System::nanoTime,
        1 << 20);
  }

  @Test
  void theBytesOfAProgramAreCoveredAndNoMore() throws Exception {
    byte[] chat = SmallNode.wasm("examples/chat/chat.wasm");
    ModuleHash hash = published();
    Programs programs = programs(() -> {});
    try (MemoryAccount into =
        new MemoryBudget(CompileLimits.STANDARD.programBytesMax() * 2L).open()) {
      into.cover(1_000, "a test");
      assertArrayEquals(chat, programs.bytes(hash, into));
      assertTrue(into.heldBytes() >= 1_000 + chat.length);
      assertTrue(into.heldBytes() < CompileLimits.STANDARD.programBytesMax() / 4);
    }
    MemoryBudget small = new MemoryBudget(CompileLimits.STANDARD.programBytesMax() / 2);
    try (MemoryAccount into = small.open()) {
      EngineException refused =
          assertThrows(EngineException.class, () -> programs.bytes(hash, into));
      assertEquals(EngineException.Code.RETRY, refused.code());
      assertThrows(EngineException.class, () -> programs.bytes(ModuleHash.ofProgram(chat), into));
    }
  }

  private ModuleHash published() throws IOException {
    Programs publisher = programs(() -> {});
    ModuleHash hash = publisher.publish(SmallNode.wasm("examples/chat/chat.wasm")).program().hash();
    loads.set(0);
    return hash;
  }

  @Test
  void whoAsksForAProgramThatIsBeingLoadedWaitsForIt() throws Exception {
    ModuleHash hash = published();
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Programs programs =
        programs(
            () -> {
              loading.countDown();
              await(go);
            });
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Program>> asked = new ArrayList<>();
      asked.add(threads.submit(() -> programs.load(hash)));
      await(loading);
      for (int i = 0; i < 3; i++) {
        asked.add(threads.submit(() -> programs.load(hash)));
      }
      go.countDown();
      Program first = asked.getFirst().get(WAIT_SECONDS, TimeUnit.SECONDS);
      for (Future<Program> each : asked) {
        assertSame(first, each.get(WAIT_SECONDS, TimeUnit.SECONDS));
      }
    }
    assertEquals(1, loads.get());
  }

  @Test
  void aWorkerThatNeverComesKeepsNobodyWaiting() throws IOException {
    ModuleHash hash = published();
    Programs programs = programs(() -> {});
    List<Runnable> queued = new ArrayList<>();
    programs.loadAhead(hash, queued::add);
    Program loaded = programs.load(hash);
    assertEquals(1, loads.get());
    queued.forEach(Runnable::run);
    assertSame(loaded, programs.load(hash));
    assertEquals(1, loads.get());
    programs.loadAhead(hash, queued::add);
    assertEquals(1, queued.size(), "what is loaded needs no worker");
  }

  @Test
  void whatCouldNotBeLoadedAheadIsRefusedToWhoNeedsItAndTriedAgain() throws IOException {
    ModuleHash unknown = ModuleHash.ofProgram(new byte[] {1});
    Programs programs = programs(() -> {});
    programs.loadAhead(unknown, Runnable::run);
    EngineException refused = assertThrows(EngineException.class, () -> programs.load(unknown));
    assertTrue(refused.text().contains("missing from the store"), refused.text());
    byte[] chat = SmallNode.wasm("examples/chat/chat.wasm");
    ModuleHash hash = ModuleHash.ofProgram(chat);
    assertThrows(EngineException.class, () -> programs.load(hash));
    programs(() -> {}).publish(chat);
    assertEquals(hash, programs.load(hash).hash(), "it is there now");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(WAIT_SECONDS, TimeUnit.SECONDS), "not within " + WAIT_SECONDS + " s");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
