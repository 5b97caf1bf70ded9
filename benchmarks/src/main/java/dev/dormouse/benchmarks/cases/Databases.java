package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Memory of many published chats: awake, and once they sleep. */
record Databases() implements Case {
  private static final Duration IDLE_AT_LEAST = Duration.ofSeconds(20);
  private static final Duration IDLE_PER_DATABASE = Duration.ofMillis(150);
  private static final int CLASSES_SHOWN = 14;

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    int count = bench.sizes().databases();
    Duration idle = IDLE_AT_LEAST.plus(IDLE_PER_DATABASE.multipliedBy(count));
    Path data = bench.freshFolder("databases");
    try (Node node = Node.start(bench.root(), data, idle);
        Api api = node.api()) {
      byte[] module = bench.module("chat");
      List<String> names = IntStream.range(0, count).mapToObj(i -> "chat-" + i).toList();
      api.publish("warm", module);
      use(api, "warm");
      Memory before = Memory.of(node.pid());
      long from = System.nanoTime();
      for (String name : names) {
        api.publish(name, module);
        use(api, name);
      }
      bench.print(
          "# published and used %d in %.1f s".formatted(count, (System.nanoTime() - from) / 1e9));
      Memory awake = Memory.of(node.pid());
      var states = new ArrayList<String>();
      for (String name : names) {
        if (!Node.state(api, name).contains("\"state\":\"SERVING\"")) {
          states.add(name);
        }
      }
      if (!states.isEmpty()) {
        throw new IOException(states.size() + " databases slept before they were measured");
      }
      awake.growthSince(before, CLASSES_SHOWN).forEach(line -> bench.print("  %s".formatted(line)));
      bench.print(
          "FIGURE memory per awake chat: heap %.1f KiB, metaspace %.1f KiB (%d databases)"
              .formatted(
                  (awake.heapBytes() - before.heapBytes()) / 1024.0 / count,
                  (awake.metaspaceBytes() - before.metaspaceBytes()) / 1024.0 / count,
                  count));
      node.awaitAsleep(api, names, idle);
      Memory asleep = Memory.of(node.pid());
      asleep
          .growthSince(before, CLASSES_SHOWN)
          .forEach(line -> bench.print("  %s".formatted(line)));
      bench.print(
          "FIGURE after %d published and slept: heap %+.1f KiB of %.1f MiB, metaspace %+.1f KiB of %.1f MiB"
              .formatted(
                  count,
                  (asleep.heapBytes() - before.heapBytes()) / 1024.0,
                  before.heapBytes() / 1024.0 / 1024.0,
                  (asleep.metaspaceBytes() - before.metaspaceBytes()) / 1024.0,
                  before.metaspaceBytes() / 1024.0 / 1024.0));
    } finally {
      Bench.remove(data);
    }
  }

  static void use(Api api, String database) throws IOException, InterruptedException {
    api.call(database, "send_message", "[\"hello\"]");
    api.sql(database, "SELECT text FROM message");
  }
}
