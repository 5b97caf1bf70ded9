package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import dev.dormouse.benchmarks.load.Crowd;
import dev.dormouse.benchmarks.load.Options;
import dev.dormouse.benchmarks.load.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Clients of one chat that only listen: what each costs while nothing happens, and how long it
 * takes until all have been told of a message.
 */
record Connections() implements Case {
  private static final int COUNT = 1_000;
  private static final int BROADCASTS_WARM = 300;
  private static final int BROADCASTS = 100;
  private static final int CLASSES_SHOWN = 14;
  private static final String DATABASE = "crowded";

  /** A running node while a crowd comes and goes. */
  private record Hall(Bench bench, Node node, Path data) {
    Memory show(String when, Memory before) throws IOException, InterruptedException {
      Memory now = Memory.of(node.pid());
      bench.print("# %s: %s".formatted(when, Footprint.of(node.pid(), data).text()));
      now.growthSince(before, CLASSES_SHOWN).forEach(line -> bench.print("  %s".formatted(line)));
      bench.print(
          "FIGURE heap per connection, %s: %.1f KiB (%d connections)"
              .formatted(when, (now.heapBytes() - before.heapBytes()) / 1024.0 / COUNT, COUNT));
      return now;
    }

    void idle(String when) throws IOException, InterruptedException {
      var server = new ServerProcess(node.pid());
      long before = server.cpuNanos();
      Thread.sleep(Duration.ofSeconds(bench.sizes().seconds()));
      double nanos = server.cpuNanos() - before;
      bench.print(
          "FIGURE server CPU, %s: %.1f ms per second, of %d s"
              .formatted(when, nanos / 1e6 / bench.sizes().seconds(), bench.sizes().seconds()));
    }
  }

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("connections");
    try (Node node = bench.awake(data);
        Api api = node.api()) {
      api.publish(DATABASE, bench.module("chat"));
      Databases.use(api, DATABASE);
      var hall = new Hall(bench, node, data);
      connect(node, 100).close(); // What the first few load and compile is nobody's.
      Memory before = Memory.of(node.pid());
      long from = System.nanoTime();
      try (Crowd crowd = connect(node, COUNT)) {
        bench.print("# %d connected in %.1f s".formatted(COUNT, (System.nanoTime() - from) / 1e9));
        hall.show("no subscription", before);
        crowd.subscribe(1, "SELECT * FROM message");
        hall.show("one subscription", before);
        broadcasts(bench, node, api, crowd);
        hall.show("after %d broadcasts".formatted(BROADCASTS + BROADCASTS_WARM), before);
        hall.idle("%d subscribed".formatted(COUNT));
      }
      awaitNobodyOnline(api);
      hall.show("all gone", before);
      hall.idle("nobody connected");
    } finally {
      Bench.remove(data);
    }
  }

  private static Crowd connect(Node node, int count) throws IOException, InterruptedException {
    return Crowd.connect(
        Options.parse(
            "--url",
            node.url().toString(),
            "--database",
            DATABASE,
            "--connections",
            Integer.toString(count),
            "--protocol",
            "v2"));
  }

  private static void broadcasts(Bench bench, Node node, Api api, Crowd crowd)
      throws IOException, InterruptedException {
    var server = new ServerProcess(node.pid());
    var last = new Samples();
    var answer = new Samples();
    long cpu = 0;
    for (int i = 0; i < BROADCASTS_WARM + BROADCASTS; i++) {
      if (i == BROADCASTS_WARM) {
        cpu = server.cpuNanos();
      }
      crowd.expectUpdate();
      long from = System.nanoTime();
      api.call(DATABASE, "send_message", "[\"Hello to all of you\"]");
      double answered = (System.nanoTime() - from) / 1e6;
      double told = (crowd.awaitUpdate() - from) / 1e6;
      if (i >= BROADCASTS_WARM) {
        answer.add(answered);
        last.add(told);
      }
    }
    double nanos = server.cpuNanos() - cpu;
    bench.print("FIGURE call until the last of %d is told: %s".formatted(COUNT, last.text("ms")));
    bench.print("FIGURE call until its own answer: %s".formatted(answer.text("ms")));
    bench.print(
        "FIGURE server CPU per client told: %.1f µs".formatted(nanos / 1e3 / BROADCASTS / COUNT));
  }

  private static void awaitNobodyOnline(Api api) throws IOException, InterruptedException {
    long until = System.nanoTime() + CaseLimits.STANDARD.sleepWait().toNanos();
    // Who asks is online itself.
    while (!api.sql(DATABASE, "SELECT COUNT(*) AS n FROM user WHERE online = true")
        .contains("\"rows\":[[1]]")) {
      if (System.nanoTime() > until) {
        throw new IOException("clients are online after their sockets have ended");
      }
      Thread.sleep(Duration.ofMillis(20));
    }
  }
}
