package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reducers that take much: rows and log lines. What fits is committed; what does not is refused
 * with its limit, leaves nothing, and the next call finds a working instance.
 */
final class HostileRowsIT {
  private static final String DATABASE = "abi";

  @TempDir static Path folder;

  private static Platform platform;
  private static Neighbour neighbour;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    platform = Platform.start(folder.resolve("data"));
    neighbour = Neighbour.moveIn(platform);
    token = platform.token();
    platform.publish(token, DATABASE, "fixtures/abi/abi.wasm");
  }

  @AfterEach
  void nobodyIsHurt() throws Exception {
    assertCommitted("who_am_i", "[]");
    neighbour.assertServed(platform);
  }

  @AfterAll
  static void allIsThereAfterAKill() throws Exception {
    assertCommitted("clear_all", "[]");
    assertCommitted("insert_many", "[1,1000,10]");
    platform.kill();
    try (Platform again = Platform.start(folder.resolve("data"))) {
      neighbour.assertServed(again);
      assertEquals("[[1000]]", count(again, "bulk"));
    }
  }

  private static void assertCommitted(String reducer, String json) throws Exception {
    HttpResponse<String> answer = platform.call(token, DATABASE, reducer, json);
    assertEquals("200 ", answer.statusCode() + " " + answer.body());
  }

  private static void assertRefused(String why, String reducer, String json) throws Exception {
    HttpResponse<String> answer = platform.call(token, DATABASE, reducer, json);
    assertEquals(530, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains(why), answer.body());
  }

  private static String count(Platform node, String table) throws Exception {
    return node.sql(token, DATABASE, "SELECT COUNT(*) AS n FROM " + table)
        .replaceAll(".*\"rows\":(.*),\"total_duration.*", "$1");
  }

  @Test
  void aMillionRowsInOneTransaction() throws Exception {
    assertCommitted("clear_all", "[]");
    assertCommitted("insert_many", "[1,1000000,10]");
    assertEquals("[[1000000]]", count(platform, "bulk"));
    assertRefused("bytes, limit 67108864 bytes", "insert_many", "[2000000,1000000,60]");
    assertEquals("[[1000000]]", count(platform, "bulk"));
    assertCommitted("delete_group", "[1]");
    assertCommitted("clear_all", "[]");
    assertEquals("[[0]]", count(platform, "bulk"));
  }

  @Test
  void insertsWithoutEnd() throws Exception {
    // The connect and disconnect reducers of the module write a note each: of every call, though it
    // failed, both are there.
    assertCommitted("clear_all", "[]");
    long before = notes();
    for (String bytes : new String[] {"1000", "100000", "10000000"}) {
      assertRefused("bytes, limit 268435456 bytes", "insert_forever", "[" + bytes + "]");
    }
    long ownNotes = 2; // of the second count
    assertEquals(before + 3 * 2 + ownNotes, notes());
    assertEquals("[[0]]", count(platform, "bulk"));
  }

  private static long notes() throws Exception {
    return Long.parseLong(count(platform, "note").replaceAll("\\D", ""));
  }

  @Test
  void logLinesWithoutEnd() throws Exception {
    assertCommitted("log_many", "[100000,100]");
    String log =
        platform.send("GET", "/v1/database/abi/logs?num_lines=20", token, new byte[0]).body();
    assertTrue(log.contains("more than 10000 log lines in one call; the rest is dropped"), log);
    assertCommitted("log_many", "[20,200000]");
  }
}
