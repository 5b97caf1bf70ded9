package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The first query of databases that are not in memory, each with a module of its own: classes still
 * loaded; after a restart, from the artefact and the local cache of chunks; after a restart without
 * that cache, from PostgreSQL and the folder that stands for object storage.
 */
record Wakes() implements Case {
  private static final int COUNT = 24;
  private static final int MESSAGES = 50;
  private static final Duration IDLE = Duration.ofSeconds(2);
  private static final Pattern STEP =
      Pattern.compile("\\{\"name\":\"([^\"]+)\",\"millis\":([0-9.]+)\\}");
  private static final Pattern WAKE =
      Pattern.compile("\"lastWake\":\\{[^\\[]*\"millis\":([0-9.]+)");

  @Override
  public void run(Bench bench) throws IOException, InterruptedException {
    Path data = bench.freshFolder("wake");
    List<String> names = IntStream.range(0, COUNT).mapToObj(i -> "chat-" + i).toList();
    try {
      String token;
      try (Node node = Node.start(bench.root(), data, IDLE);
          Api api = node.api()) {
        token = api.token();
        byte[] module = bench.module("chat");
        for (String name : names) {
          api.publish(name, Module.marked(module, name));
          for (int i = 0; i < MESSAGES; i++) {
            api.call(name, "send_message", "[\"message %d of a chat\"]".formatted(i));
          }
        }
        node.awaitAsleep(api, names, IDLE);
        measure(bench, node, api, names, "classes loaded (first round)");
        node.awaitAsleep(api, names, IDLE);
        measure(bench, node, api, names, "classes loaded");
        node.awaitAsleep(api, names, IDLE);
      }
      try (Node node = Node.start(bench.root(), data, IDLE);
          Api api = node.api(token)) {
        measure(bench, node, api, names, "local cache, after a restart");
        node.awaitAsleep(api, names, IDLE);
      }
      Bench.remove(data.resolve("chunks"));
      try (Node node = Node.start(bench.root(), data, IDLE);
          Api api = node.api(token)) {
        measure(bench, node, api, names, "stores, after a restart");
        node.awaitAsleep(api, names, IDLE);
      }
    } finally {
      Bench.remove(data);
    }
  }

  private static void measure(Bench bench, Node node, Api api, List<String> names, String from)
      throws IOException, InterruptedException {
    Ping.await(node.url(), CaseLimits.STANDARD.requestWait());
    var seen = new Samples();
    var told = new Samples();
    Map<String, Samples> steps = new LinkedHashMap<>();
    for (String name : names) {
      long start = System.nanoTime();
      String answer = api.sql(name, "SELECT text FROM message");
      seen.add((System.nanoTime() - start) / 1e6);
      if (!answer.contains("message %d of a chat".formatted(MESSAGES - 1))) {
        throw new IOException(name + " woke without its messages: " + answer);
      }
      String state = Node.state(api, name);
      Matcher whole = WAKE.matcher(state);
      if (!whole.find()) {
        throw new IOException("no last wake in " + state);
      }
      told.add(Double.parseDouble(whole.group(1)));
      Matcher step = STEP.matcher(state);
      while (step.find()) {
        steps
            .computeIfAbsent(step.group(1), key -> new Samples())
            .add(Double.parseDouble(step.group(2)));
      }
    }
    bench.print("FIGURE wake, %s, as the client sees it: %s".formatted(from, seen.text("ms")));
    bench.print("  as the node tells it: %s".formatted(told.text("ms")));
    steps.forEach(
        (name, samples) -> bench.print("    %-12s %s".formatted(name, samples.text("ms"))));
  }
}
