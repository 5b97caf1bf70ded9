package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The data folder after many transfers, awake and asleep. */
record Disk() implements Case {
  private static final Duration IDLE = Duration.ofSeconds(5);

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("disk");
    try (Node node = Node.start(bench.root(), data, IDLE);
        Api api = node.api()) {
      api.publish("bank", bench.module("bank"));
      api.call("bank", "seed", "[%d, 1000000]".formatted(bench.sizes().accounts()));
      show(bench, data, "before");
      long before = Bench.bytes(data);
      bench.load(
          node,
          "--accounts",
          Integer.toString(bench.sizes().accounts()),
          "--calls",
          Long.toString(bench.sizes().transfers()),
          "--warm-up",
          "0",
          "--duration",
          "3600");
      show(bench, data, "awake");
      long awake = Bench.bytes(data);
      node.awaitAsleep(api, List.of("bank"), IDLE);
      show(bench, data, "asleep");
      long asleep = Bench.bytes(data);
      bench.print(
          "FIGURE disk after %d transfers: %.1f MiB more awake, %.1f MiB more asleep (%.1f B a transfer)"
              .formatted(
                  bench.sizes().transfers(),
                  (awake - before) / 1024.0 / 1024.0,
                  (asleep - before) / 1024.0 / 1024.0,
                  (double) (asleep - before) / bench.sizes().transfers()));
    } finally {
      Bench.remove(data);
    }
  }

  private static void show(Bench bench, Path data, String when) throws IOException {
    try (Stream<Path> parts = Files.list(data)) {
      for (Path part : parts.filter(Files::isDirectory).sorted().toList()) {
        bench.print(
            "  %-8s %-12s %8.1f MiB"
                .formatted(when, part.getFileName(), Bench.bytes(part) / 1024.0 / 1024.0));
      }
    }
  }
}
