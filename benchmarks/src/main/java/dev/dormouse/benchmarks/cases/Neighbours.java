package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import dev.dormouse.benchmarks.load.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls of one database, one in flight, while others in the same process do their worst;
 * undisturbed and disturbed rounds alternate, and the ratio of their p99 is the figure.
 */
record Neighbours() implements Case {
  private static final int HOSTILES = 4;
  private static final int HTTP_WARM = 200;
  private static final String SECONDS = "4";
  private static final long HTTP_NANOS = 3_000_000_000L;

  /** What a hostile tenant does, again and again, from one thread per database. */
  private enum Deed {
    LOOP,
    MEMORY,
    ROWS,
    LOGS,
    PUBLISH;

    void once(Api api, String database, byte[] module, long round)
        throws IOException, InterruptedException {
      switch (this) {
        case LOOP -> api.call(database, "loop_forever", "[]");
        case MEMORY -> api.call(database, "allocate_forever", "[]");
        case ROWS -> {
          api.call(database, "insert_many", "[1,100000,100]");
          api.call(database, "clear_all", "[]");
        }
        case LOGS -> api.call(database, "log_many", "[10000,1000]");
        case PUBLISH -> api.publish(database, Module.marked(module, database + " " + round));
      }
    }
  }

  /** Hostile databases at work, until it ends. */
  private static final class Disturbance {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();

    Disturbance(Api api, Deed deed, byte[] module) {
      for (int i = 0; i < HOSTILES; i++) {
        String database = "hostile-" + i;
        threads.add(Thread.ofPlatform().start(() -> go(api, deed, database, module)));
      }
    }

    private void go(Api api, Deed deed, String database, byte[] module) {
      while (!over.get()) {
        try {
          deed.once(api, database, module, System.nanoTime());
          done.incrementAndGet();
        } catch (IOException answeredOtherwise) {
          refused.incrementAndGet(); // What it does is to be refused, most of the time.
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    void end() throws InterruptedException {
      over.set(true);
      for (Thread thread : threads) {
        thread.join(); // A loop goes on to the end of its CPU budget, and must not reach the next.
      }
    }
  }

  /** p99 of a round in milliseconds. */
  private record Round(double webSocket, double http) {}

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("neighbour");
    try (Node node = bench.awake(data);
        Api hostile = node.api();
        Api own = node.api()) {
      byte[] module = Files.readAllBytes(bench.root().resolve("fixtures/abi/abi.wasm"));
      for (int i = 0; i < HOSTILES; i++) {
        hostile.publish("hostile-" + i, module);
      }
      bench.warmBank(node, SECONDS);
      own.publish("http-neighbour", bench.module("chat"));
      for (int i = 0; i < HTTP_WARM; i++) {
        own.call("http-neighbour", "send_message", "[\"warm\"]");
      }
      for (Deed deed : Deed.values()) {
        compare(bench, node, own, hostile, deed, module);
      }
    } finally {
      Bench.remove(data);
    }
  }

  private static void compare(
      Bench bench, Node node, Api own, Api hostile, Deed deed, byte[] module)
      throws IOException, InterruptedException {
    var webSocket = new Samples();
    var http = new Samples();
    for (int run = 0; run < bench.sizes().runs(); run++) {
      Round calm = round(bench, node, own);
      Round disturbed;
      var disturbance = new Disturbance(hostile, deed, module);
      try {
        disturbed = round(bench, node, own);
        bench.print(
            "# %s: %d done, %d refused"
                .formatted(deed, disturbance.done.get(), disturbance.refused.get()));
      } finally {
        disturbance.end();
      }
      bench.print(
          "# %s: WebSocket p99 %.2f ms, disturbed %.2f; HTTP %.2f ms, disturbed %.2f"
              .formatted(
                  deed, calm.webSocket(), disturbed.webSocket(), calm.http(), disturbed.http()));
      webSocket.add(disturbed.webSocket() / calm.webSocket());
      http.add(disturbed.http() / calm.http());
    }
    bench.print("FIGURE neighbour of %s, WebSocket p99: %s".formatted(deed, webSocket.text("×")));
    bench.print("FIGURE neighbour of %s, HTTP p99: %s".formatted(deed, http.text("×")));
  }

  private static Round round(Bench bench, Node node, Api own)
      throws IOException, InterruptedException {
    Report report =
        bench.load(
            node,
            "--one",
            "--confirmed",
            "true",
            "--warm-up",
            "1",
            "--duration",
            SECONDS,
            "--accounts",
            Integer.toString(bench.sizes().accounts()));
    var calls = new Samples();
    long until = System.nanoTime() + HTTP_NANOS;
    long from = System.nanoTime();
    while (from < until) {
      own.call("http-neighbour", "send_message", "[\"still here\"]");
      long now = System.nanoTime();
      calls.add((now - from) / 1e6);
      from = now;
    }
    return new Round(report.latencyMillis(0.99), calls.quantile(0.99));
  }
}
