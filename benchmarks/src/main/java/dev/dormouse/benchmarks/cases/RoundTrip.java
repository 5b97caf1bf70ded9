package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** One call in flight: {@code transfer} and the chat's {@code send_message}, which logs a line. */
record RoundTrip() implements Case {
  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("round-trip");
    try (Node node = bench.awake(data)) {
      String accounts = Integer.toString(bench.sizes().accounts());
      bench.warmBank(node, "3");
      for (String confirmed : List.of("true", "false")) {
        series(bench, node, "transfer", confirmed, List.of("--accounts", accounts));
      }
      bench.load(
          node,
          "--chat",
          "--database",
          "chat",
          "--publish",
          bench.modulePath("chat").toString(),
          "--warm-up",
          "0",
          "--duration",
          "3");
      for (String confirmed : List.of("true", "false")) {
        series(bench, node, "send_message", confirmed, List.of("--chat", "--database", "chat"));
      }
    } finally {
      Bench.remove(data);
    }
  }

  private static void series(
      Bench bench, Node node, String reducer, String confirmed, List<String> more)
      throws IOException, InterruptedException {
    var p50 = new Samples();
    var p99 = new Samples();
    for (int run = 0; run < bench.sizes().runs(); run++) {
      var options = new java.util.ArrayList<>(List.of("--one", "--confirmed", confirmed));
      options.addAll(List.of("--warm-up", "2", "--duration", "5"));
      options.addAll(more);
      Report report = bench.load(node, options.toArray(String[]::new));
      p50.add(report.latencyMillis(0.5));
      p99.add(report.latencyMillis(0.99));
    }
    String what = reducer + (confirmed.equals("true") ? " confirmed" : " unconfirmed");
    bench.print("FIGURE %s, one in flight, p50: %s".formatted(what, p50.text("ms")));
    bench.print("FIGURE %s, one in flight, p99: %s".formatted(what, p99.text("ms")));
  }
}
