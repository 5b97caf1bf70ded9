package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import java.io.IOException;
import java.nio.file.Path;

/** Publishing a module that the node has not seen, when it is warm. */
record Publishes() implements Case {
  private static final int WARM = 10;
  private static final int MEASURED = 12;

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("publish");
    try (Node node = bench.awake(data);
        Api api = node.api()) {
      byte[] module = bench.module("bank");
      var cold = new Samples();
      var fresh = new Samples();
      var update = new Samples();
      cold.add(timed(api, "first", Module.marked(module, "first")));
      for (int i = 0; i < WARM; i++) {
        timed(api, "warm-" + i, Module.marked(module, "warm " + i));
      }
      for (int i = 0; i < MEASURED; i++) {
        fresh.add(timed(api, "fresh-" + i, Module.marked(module, "fresh " + i)));
        update.add(timed(api, "first", Module.marked(module, "update " + i)));
      }
      bench.print("# module of %d bytes".formatted(module.length));
      bench.print("FIGURE first publish of the process: %s".formatted(cold.text("ms")));
      bench.print("FIGURE publish of a new database, warm: %s".formatted(fresh.text("ms")));
      bench.print("FIGURE publish of an update, warm: %s".formatted(update.text("ms")));
    } finally {
      Bench.remove(data);
    }
  }

  private static double timed(Api api, String database, byte[] module)
      throws IOException, InterruptedException {
    long from = System.nanoTime();
    api.publish(database, module);
    return (System.nanoTime() - from) / 1e6;
  }
}
