package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Arguments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The command behind {@code benchmarks/run.sh}. Status 0: measured; 1: a case failed; 2: it could
 * not run.
 */
public final class Main {
  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    CASES.put("ready", new Ready());
    CASES.put("transfer-confirmed", new Transfers(true, List.of()));
    CASES.put("transfer-unconfirmed", new Transfers(false, List.of()));
    CASES.put("transfer-v2", new Transfers(true, List.of("--protocol", "v2")));
    CASES.put("transfer-zipf", new Transfers(true, List.of("--skew", "zipf")));
    CASES.put("round-trip", new RoundTrip());
    CASES.put("memory-per-account", new MemoryPerAccount());
    CASES.put("databases", new Databases());
    CASES.put("asleep", new Asleep(false));
    CASES.put("asleep-modules", new Asleep(true));
    CASES.put("connections", new Connections());
    CASES.put("wake", new Wakes());
    CASES.put("publish", new Publishes());
    CASES.put("neighbour", new Neighbours());
    CASES.put("disk", new Disk());
  }

  private Main() {}

  public static void main(String[] words) throws InterruptedException {
    Locale.setDefault(Locale.ROOT); // figures are written with a point
    System.exit(run(words));
  }

  private static int run(String... words) throws InterruptedException {
    var arguments = new Arguments(words);
    List<String> names;
    Bench bench;
    try {
      names = arguments.text("--cases").map(text -> List.of(text.split(","))).orElse(List.of());
      bench =
          new Bench(
              Path.of(arguments.text("--root").orElse(".")).toAbsolutePath().normalize(),
              Path.of(arguments.text("--scratch").orElse("target/benchmarks")).toAbsolutePath(),
              System.out,
              new Bench.Sizes(
                  arguments.number("--runs", 3),
                  arguments.number("--seconds", 10),
                  arguments.number("--databases", 200),
                  arguments.optional("--transfers").orElse(1_000_000),
                  arguments.number("--accounts", 100_000)));
      arguments.end();
      for (String name : names) {
        if (!name.equals("all") && !CASES.containsKey(name)) {
          throw new IllegalArgumentException(
              "no case %s; there are %s".formatted(name, CASES.keySet()));
        }
      }
      if (names.isEmpty()) {
        throw new IllegalArgumentException("--cases needs some of " + CASES.keySet());
      }
    } catch (IllegalArgumentException e) {
      System.err.println("benchmarks: " + e.getMessage());
      return 2;
    }
    boolean failed = false;
    for (Map.Entry<String, Case> entry : CASES.entrySet()) {
      if (names.contains("all") || names.contains(entry.getKey())) {
        bench.print("");
        bench.print("== %s (load average %s)".formatted(entry.getKey(), load()));
        try {
          entry.getValue().run(bench);
        } catch (IOException | IllegalStateException e) {
          bench.print("FAILED %s: %s".formatted(entry.getKey(), e));
          failed = true;
        }
      }
    }
    bench.print("");
    bench.print("== end (load average %s)".formatted(load()));
    return failed ? 1 : 0;
  }

  private static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
