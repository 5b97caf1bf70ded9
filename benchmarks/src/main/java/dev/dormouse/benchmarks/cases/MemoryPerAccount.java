package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import java.io.IOException;
import java.nio.file.Path;

/** Heap of a million accounts {u32, i64} with a primary key. */
record MemoryPerAccount() implements Case {
  private static final int ACCOUNTS = 1_000_000;
  private static final int CLASSES_SHOWN = 10;

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("memory");
    try (Node node = bench.awake(data);
        Api api = node.api()) {
      api.publish("warm", bench.module("bank"));
      api.call("warm", "seed", "[1000, 1]");
      api.publish("bank", bench.module("bank"));
      Memory before = Memory.of(node.pid());
      api.call("bank", "seed", "[%d, 1000]".formatted(ACCOUNTS));
      Memory after = Memory.of(node.pid());
      after.growthSince(before, CLASSES_SHOWN).forEach(line -> bench.print("  %s".formatted(line)));
      bench.print(
          "FIGURE memory per account: %.1f B (%d accounts, %d B of heap)"
              .formatted(
                  (double) (after.heapBytes() - before.heapBytes()) / ACCOUNTS,
                  ACCOUNTS,
                  after.heapBytes() - before.heapBytes()));
    } finally {
      Bench.remove(data);
    }
  }
}
