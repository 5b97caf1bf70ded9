package dev.dormouse.benchmarks.cases;

import java.io.IOException;
import java.nio.file.Path;

/** From the command to the first answered ping, on a folder that has been used. */
record Ready() implements Case {
  private static final int STARTS = 5;

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("ready");
    try {
      var first = new Samples();
      var later = new Samples();
      var cpu = new Samples();
      try (Node node = bench.awake(data)) {
        first.add(node.readyAfter().toNanos() / 1e6);
      }
      for (int i = 0; i < STARTS; i++) {
        try (Node node = bench.awake(data)) {
          later.add(node.readyAfter().toNanos() / 1e6);
          cpu.add(node.cpuUntilReady().toNanos() / 1e6);
        }
      }
      bench.print("FIGURE ready, first start on an empty folder: %s".formatted(first.text("ms")));
      bench.print("FIGURE ready, second and later starts: %s".formatted(later.text("ms")));
      bench.print("FIGURE CPU time of the process until then: %s".formatted(cpu.text("ms")));
    } finally {
      Bench.remove(data);
    }
  }
}
