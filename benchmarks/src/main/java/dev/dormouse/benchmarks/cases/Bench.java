package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Load;
import dev.dormouse.benchmarks.load.Options;
import dev.dormouse.benchmarks.load.Report;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a case works with.
 *
 * @param root the project's folder
 * @param scratch where data folders go
 * @param out where figures go
 */
record Bench(Path root, Path scratch, PrintStream out, Sizes sizes) {
  /**
   * How much a case does.
   *
   * @param runs how often a load is measured
   * @param seconds of each measurement, and as long a warm-up before the first
   * @param databases published by the case {@code databases}
   * @param transfers made by the case {@code disk}
   * @param accounts of the bank
   */
  record Sizes(int runs, int seconds, int databases, long transfers, int accounts) {}

  byte[] module(String example) throws IOException {
    return Files.readAllBytes(modulePath(example));
  }

  Path modulePath(String example) {
    return root.resolve("examples").resolve(example).resolve(example + ".wasm");
  }

  /** A folder that does not exist yet, or no longer. */
  Path freshFolder(String name) throws IOException {
    Path folder = scratch.resolve(name);
    remove(folder);
    return folder;
  }

  /** Starts a platform whose databases stay awake. */
  Node awake(Path data) throws IOException, InterruptedException {
    return Node.start(root, data, Duration.ofHours(1));
  }

  void print(String line) {
    out.println(line);
    out.flush();
  }

  /** Runs the load generator with these options. Throws if a result was lost or repeated. */
  Report load(Node node, String... more) throws IOException, InterruptedException {
    var options =
        new ArrayList<>(
            List.of("--url", node.url().toString(), "--server-pid", Long.toString(node.pid())));
    options.addAll(List.of(more));
    Report report = Load.run(Options.parse(options.toArray(String[]::new)));
    out.print(report.text());
    out.flush();
    if (!report.sound()) {
      throw new IOException("a call was lost, answered twice, or money changed");
    }
    return report;
  }

  /** Publishes the bank, opens its accounts and moves money for so many seconds, unmeasured. */
  void warmBank(Node node, String seconds) throws IOException, InterruptedException {
    print("# warm-up");
    load(
        node,
        "--publish",
        modulePath("bank").toString(),
        "--seed",
        "1000000",
        "--accounts",
        Integer.toString(sizes.accounts()),
        "--warm-up",
        "0",
        "--duration",
        seconds);
  }

  /** Deletes a folder and what is in it. */
  static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  /** Bytes of the files below a folder. */
  static long bytes(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).mapToLong(path -> path.toFile().length()).sum();
    }
  }
}
