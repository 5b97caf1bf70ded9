package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Fund transfers from 64 connections with 96 in flight each. */
record Transfers(boolean confirmed, List<String> more) implements Case {
  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("transfers");
    try (Node node = bench.awake(data)) {
      String confirmedText = Boolean.toString(confirmed);
      String accounts = Integer.toString(bench.sizes().accounts());
      String seconds = Integer.toString(bench.sizes().seconds());
      var first =
          new java.util.ArrayList<>(
              List.of("--publish", bench.modulePath("bank").toString(), "--seed", "1000000"));
      first.addAll(List.of("--accounts", accounts, "--confirmed", confirmedText));
      first.addAll(List.of("--warm-up", "0", "--duration", seconds, "--verify"));
      first.addAll(more);
      bench.print("# warm-up");
      bench.load(node, first.toArray(String[]::new));
      var cpu = new Samples();
      var rate = new Samples();
      for (int run = 1; run <= bench.sizes().runs(); run++) {
        var again =
            new java.util.ArrayList<>(
                List.of("--accounts", accounts, "--confirmed", confirmedText));
        again.addAll(List.of("--warm-up", "2", "--duration", seconds, "--verify"));
        again.addAll(more);
        bench.print("# run %d".formatted(run));
        Report report = bench.load(node, again.toArray(String[]::new));
        cpu.add(report.serverCpuMicrosPerCall());
        rate.add(report.ratePerSecond());
      }
      bench.print("FIGURE server CPU per transfer: %s".formatted(cpu.text("us")));
      bench.print("FIGURE rate: %s".formatted(rate.text("/s")));
    } finally {
      Bench.remove(data);
    }
  }
}
