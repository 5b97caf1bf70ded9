package dev.dormouse.runtimenode.cores;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel says of a thread is what it was told; on Linux with two cores or more. */
final class LinuxCoresTest {
  private final Cores cores = Cores.ofThisProcess();

  @BeforeEach
  void onLinux() {
    assumeTrue(cores.canPlace(), "threads can be placed on Linux only, with two cores or more");
  }

  private static String allowed() {
    try {
      return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
          .filter(line -> line.startsWith("Cpus_allowed:"))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** On a thread that ends, so that the test's own stays where it was. */
  private static <T> T elsewhere(Callable<T> task) throws InterruptedException, ExecutionException {
    var future = new FutureTask<>(task);
    Thread.ofPlatform().name("a-long-name-of-a-thread").start(future);
    return future.get();
  }

  @Test
  void aThreadIsAllowedWhereItWasPut() throws Exception {
    String before = allowed();
    elsewhere(
        () -> {
          int self = cores.currentThread();
          assertTrue(cores.place(self, Cores.Place.ALL_BUT_LAST));
          assertNotEquals(before, allowed());
          assertTrue(cores.place(self, Cores.Place.ANYWHERE));
          assertEquals(before, allowed());
          return true;
        });
    assertEquals(before, allowed());
  }

  @Test
  void theLastCoreIsNotAmongTheOthers() throws Exception {
    assumeTrue(Runtime.getRuntime().availableProcessors() == 2, "with two cores it is one of two");
    elsewhere(
        () -> {
          int self = cores.currentThread();
          cores.place(self, Cores.Place.ALL_BUT_LAST);
          String others = allowed();
          cores.place(self, Cores.Place.LAST);
          assertNotEquals(others, allowed());
          return true;
        });
  }

  @Test
  void aThreadIsFoundWithItsNameAndItsTime() throws Exception {
    int ended =
        elsewhere(
            () -> {
              int self = cores.currentThread();
              assertTrue(cores.threads().contains(self));
              assertEquals(Optional.of("a-long-name-of-"), cores.name(self));
              long before = cores.used(self).orElseThrow();
              assertTrue(before >= 0, "used " + before);
              while (cores.used(self).orElseThrow() < before + 1_000_000) {
                Thread.onSpinWait();
              }
              return self;
            });
    awaitEndOf(ended);
    assertEquals(OptionalLong.empty(), cores.used(ended));
    assertEquals(Optional.empty(), cores.name(ended));
    assertFalse(cores.place(ended, Cores.Place.ANYWHERE));
  }

  /** The kernel forgets a thread a moment after its last instruction. */
  private void awaitEndOf(int thread) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (cores.threads().contains(thread)) {
      assertTrue(System.nanoTime() < end, "thread " + thread + " is still there");
      Thread.onSpinWait();
    }
  }
}
