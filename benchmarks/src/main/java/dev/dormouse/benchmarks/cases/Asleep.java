package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What sleeping databases cost: published, used and asleep in growing numbers, few of them in
 * memory at a time; then the start of a node that has all of them.
 *
 * @param ownModules each runs a module of its own, instead of all the same
 */
record Asleep(boolean ownModules) implements Case {
  private static final Duration IDLE = Duration.ofSeconds(2);
  private static final List<Integer> MARKS_PERCENT = List.of(5, 25, 50, 100);
  private static final int CLASSES_SHOWN = 14;

  /** So many are published and used before the first look, so that code has been loaded. */
  private static final int WARM = 30;

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    int count = bench.sizes().databases();
    Path data = bench.freshFolder("asleep");
    try {
      String token;
      try (Node node = Node.start(bench.root(), data, IDLE);
          Api api = node.api()) {
        token = api.token();
        publish(bench, node, api, "warm", 0, WARM);
        Memory before = look(bench, node, data, "%d asleep".formatted(WARM));
        int published = 0;
        for (int percent : MARKS_PERCENT) {
          int mark = (int) ((long) count * percent / 100);
          publish(bench, node, api, "chat", published, mark);
          published = mark;
          Memory now = look(bench, node, data, "%d asleep".formatted(WARM + published));
          now.growthSince(before, CLASSES_SHOWN).forEach(line -> bench.print("  " + line));
          bench.print(
              "FIGURE after %d published and slept: heap %+.1f KiB of %.1f MiB, metaspace %+.1f KiB of %.1f MiB"
                  .formatted(
                      published,
                      (now.heapBytes() - before.heapBytes()) / 1024.0,
                      before.heapBytes() / 1024.0 / 1024.0,
                      (now.metaspaceBytes() - before.metaspaceBytes()) / 1024.0,
                      before.metaspaceBytes() / 1024.0 / 1024.0));
        }
      }
      for (String start : List.of("first", "second")) {
        try (Node node = Node.start(bench.root(), data, IDLE);
            Api api = node.api(token)) {
          bench.print(
              "FIGURE %s start with %d asleep: ready after %.2f s, %.2f s of CPU"
                  .formatted(
                      start,
                      WARM + count,
                      node.readyAfter().toMillis() / 1e3,
                      node.cpuUntilReady().toMillis() / 1e3));
          look(bench, node, data, "after the %s start".formatted(start));
          Databases.use(api, "chat-" + (count - 1));
        }
      }
    } finally {
      Bench.remove(data);
    }
  }

  private void publish(Bench bench, Node node, Api api, String name, int from, int to)
      throws IOException, InterruptedException {
    byte[] module = bench.module("chat");
    var publishes = new Samples();
    var names = new ArrayList<String>();
    long begun = System.nanoTime();
    for (int i = from; i < to; i++) {
      String database = name + "-" + i;
      names.add(database);
      long start = System.nanoTime();
      api.publish(database, ownModules ? Module.marked(module, database) : module);
      publishes.add((System.nanoTime() - start) / 1e6);
      Databases.use(api, database);
    }
    double published = (System.nanoTime() - begun) / 1e9;
    node.awaitAsleep(api, names, IDLE);
    bench.print(
        "# %s %d to %d: publish %s; published and used in %.1f s, asleep after %.1f s"
            .formatted(
                name,
                from,
                to - 1,
                publishes.text("ms"),
                published,
                (System.nanoTime() - begun) / 1e9));
  }

  private static Memory look(Bench bench, Node node, Path data, String when)
      throws IOException, InterruptedException {
    Memory memory = Memory.of(node.pid());
    bench.print("# %s: %s".formatted(when, Footprint.of(node.pid(), data).text()));
    return memory;
  }
}
