package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node with a small heap, and a tenant whose databases each stay within their own limits and
 * together want more than there is: they are refused, and nobody else is hurt.
 */
final class NodeMemoryIT {
  private static final String SMALL_HEAP = "-Xmx256m";
  private static final int DATABASES = 8;

  /** What eight databases could take, were the node not looked at: four times its heap. */
  private static final int CALLS_MAX = 64;

  @TempDir static Path folder;

  private static Platform platform;
  private static Neighbour neighbour;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    platform =
        Platform.start(folder.resolve("data"), List.of(), Map.of("JAVA_TOOL_OPTIONS", SMALL_HEAP));
    neighbour = Neighbour.moveIn(platform);
    token = platform.token();
  }

  @AfterEach
  void theProcessLivesAndTheNeighbourGoesOn() throws Exception {
    neighbour.assertServed(platform);
    assertTrue(platform.isAlive());
  }

  @AfterAll
  static void stopsInGoodOrder() throws Exception {
    assertEquals(0, platform.stop());
    try (Platform again =
        Platform.start(
            folder.resolve("data"), List.of(), Map.of("JAVA_TOOL_OPTIONS", SMALL_HEAP))) {
      neighbour.assertServed(again);
    }
  }

  private static List<String> publish(String kind) throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < DATABASES; i++) {
      names.add(kind + "-" + i);
      platform.publish(token, names.getLast(), "fixtures/abi/abi.wasm");
    }
    return names;
  }

  @Test
  void guestsThatGrowTheirMemory() throws Exception {
    List<String> reached = new ArrayList<>();
    for (String name : publish("grow")) {
      HttpResponse<String> answer = platform.call(token, name, "grow_memory_to_cap", "[]");
      assertTrue(
          answer.statusCode() == 200 || answer.statusCode() == 530 || answer.statusCode() == 503,
          answer.statusCode() + " " + answer.body());
      String log = logs(name);
      reached.add(answer.statusCode() + " " + log.replaceAll("(?s).*?\"(\\d+) pages\".*", "$1"));
      neighbour.assertServed(platform);
    }
    assertTrue(
        reached.stream().noneMatch("200 2048"::equals) || reached.stream().distinct().count() > 1,
        "all grew to their cap, 1 GiB in a heap of 256 MiB: " + reached);
  }

  @Test
  void guestsThatAllocate() throws Exception {
    for (String name : publish("allocate")) {
      HttpResponse<String> answer = platform.call(token, name, "allocate_forever", "[]");
      assertTrue(
          answer.statusCode() == 530 || answer.statusCode() == 503,
          answer.statusCode() + " " + answer.body());
      neighbour.assertServed(platform);
    }
  }

  @Test
  void rowsInManyDatabases() throws Exception {
    List<String> refusals = new ArrayList<>();
    List<String> names = publish("rows");
    for (int round = 0; round < CALLS_MAX / DATABASES; round++) {
      for (String name : names) {
        HttpResponse<String> answer =
            platform.call(token, name, "insert_many", "[%d,2000,8000]".formatted(round * 2000 + 1));
        if (answer.statusCode() != 200) {
          assertTrue(
              answer.body().contains("node memory: "), answer.statusCode() + " " + answer.body());
          assertTrue(answer.body().contains("are taken by databases"), answer.body());
          refusals.add(answer.body());
        }
      }
      neighbour.assertServed(platform);
    }
    askForAllOfIt(names);
    assertTrue(!refusals.isEmpty(), "1 GiB of rows went into a heap of 256 MiB");
    // Who frees memory may: and then there is room again, for others too.
    for (String name : names) {
      Platform.await("clearing of " + name, () -> statusOfClear(name) == 200);
    }
  }

  /** Everybody at once, with answers that are larger than what is asked for. */
  private static void askForAllOfIt(List<String> names) throws Exception {
    List<CompletableFuture<HttpResponse<String>>> asked =
        names.stream()
            .map(
                name ->
                    Platform.HTTP.sendAsync(
                        platform.request(
                            "POST",
                            "/v1/database/" + name + "/sql",
                            token,
                            "SELECT * FROM bulk".getBytes(StandardCharsets.UTF_8)),
                        HttpResponse.BodyHandlers.ofString()))
            .toList();
    for (CompletableFuture<HttpResponse<String>> each : asked) {
      HttpResponse<String> answer = each.get();
      if (answer.statusCode() == 503) {
        assertTrue(answer.body().startsWith("node memory: "), answer.body());
        assertEquals("1", answer.headers().firstValue("retry-after").orElse("none"));
      } else {
        assertEquals(200, answer.statusCode());
      }
    }
  }

  private static int statusOfClear(String name) {
    try {
      return platform.call(token, name, "clear_all", "[]").statusCode();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String logs(String name) throws Exception {
    return platform
        .send("GET", "/v1/database/" + name + "/logs?num_lines=1", token, new byte[0])
        .body();
  }
}
