package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is over goes from all stores of the real process, and nothing else. */
final class RetentionIT {
  private static final Map<String, String> AT_ONCE =
      Map.of(
          "dormouse.retention.every", "PT0.1S",
          "dormouse.retention.window", "PT0S",
          "dormouse.retention.grace", "PT1S",
          "dormouse.retention.programs", "PT5S");

  /** A state above 256 KB is kept in chunks. */
  private static final String LONG = "x".repeat(300_000);

  @TempDir Path folder;

  private Path data() {
    return folder.resolve("data");
  }

  private static String identity(Platform platform, String name) throws Exception {
    HttpResponse<String> answer =
        platform.send("GET", "/v1/database/" + name + "/identity", "", new byte[0]);
    return answer.body().replaceAll("[^0-9a-f]", "");
  }

  private static void say(Platform platform, String token, String database, String text)
      throws Exception {
    HttpResponse<String> answer =
        platform.call(token, database, "send_message", "[\"" + text + "\"]");
    assertEquals(200, answer.statusCode(), answer.body());
  }

  /** A database with messages in its snapshots, chunks, segments and logs, asleep. */
  private String database(Platform platform, String token, String name) throws Exception {
    platform.publish(token, name, "examples/chat/chat.wasm");
    say(platform, token, name, LONG);
    say(platform, token, name, name);
    platform.awaitAsleep(token, name);
    String identity = identity(platform, name);
    for (String table : List.of("manifests", "archived_positions")) {
      assertTrue(count(table + " WHERE database", identity) > 0, table);
    }
    assertTrue(count("chunks WHERE lineage", identity) > 0, "chunks");
    assertEquals(1, generations(identity).size());
    assertTrue(Files.isDirectory(data().resolve("logs").resolve(identity)));
    return identity;
  }

  private List<Path> generations(String identity) throws IOException {
    Path own = data().resolve("segments").resolve(identity);
    if (!Files.isDirectory(own)) {
      return List.of();
    }
    try (Stream<Path> generations = Files.list(own)) {
      return generations.toList();
    }
  }

  private long count(String tableAndColumn, String identity) {
    return query("SELECT count(*) FROM " + tableAndColumn + " = decode('" + identity + "', 'hex')");
  }

  private long query(String sql) {
    Path home = data().resolve("postgres");
    try (Stream<Path> files = Files.walk(home, 2)) {
      Path pidFile = files.filter(file -> file.endsWith("postmaster.pid")).findAny().orElseThrow();
      String port = Files.readAllLines(pidFile).get(3).strip();
      String password = Files.readString(home.resolve("password")).strip();
      String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
      try (Connection connection = DriverManager.getConnection(url, "dormouse", password);
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        assertTrue(rows.next());
        return rows.getLong(1);
      }
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private long programs() {
    try (Stream<Path> files = Files.list(data().resolve("artefacts/programs"))) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isGone(String identity) {
    return !Files.exists(data().resolve("segments").resolve(identity))
        && !Files.exists(data().resolve("logs").resolve(identity))
        && count("manifests WHERE database", identity) == 0
        && count("chunks WHERE lineage", identity) == 0
        && count("archived_positions WHERE database", identity) == 0;
  }

  @Test
  void whatIsOverGoesAndTheRestStays() throws Exception {
    String token;
    String kept;
    try (Platform platform = Platform.start(data(), List.of(), AT_ONCE, "--idle-after", "300ms")) {
      token = platform.token();
      final String deleted = database(platform, token, "deleted");
      kept = database(platform, token, "kept");
      final String cleared = database(platform, token, "cleared");
      final Path former = generations(cleared).getFirst();
      platform.publish(token, "other", "examples/bank/bank.wasm");
      assertEquals(2, programs());

      for (String name : List.of("deleted", "other")) {
        assertEquals(
            200, platform.send("DELETE", "/v1/database/" + name, token, new byte[0]).statusCode());
      }
      byte[] program = Files.readAllBytes(Platform.root().resolve("examples/chat/chat.wasm"));
      assertEquals(
          200,
          platform.send("PUT", "/v1/database/cleared?clear=true", token, program).statusCode());
      say(platform, token, "cleared", "a new life");
      platform.awaitAsleep(token, "cleared");
      Platform.await("the deleted database's end", () -> isGone(deleted));
      Platform.await("the former life's end", () -> !Files.exists(former));
      Platform.await(
          "the end of the former life's chunks",
          () -> count("chunks WHERE lineage", cleared) == 0); // The new life is small.
      Platform.await("the end of the program that nothing runs", () -> programs() == 1);
      assertEquals(1, generations(cleared).size());
      assertTrue(count("chunks WHERE lineage", kept) > 0);
      assertTrue(platform.log().contains("retention removed"), platform.log());
      assertEquals(0, platform.stop(), platform.log());
    }
    assertTrue(Files.isDirectory(data().resolve("logs").resolve(kept)));
    Map<String, String> dryRun = new TreeMap<>(AT_ONCE);
    dryRun.put("dormouse.retention.dry-run", "true");
    try (Platform platform = Platform.start(data(), List.of(), dryRun)) {
      String messages = platform.sql(token, "kept", "SELECT text FROM message");
      assertTrue(messages.contains(LONG) && messages.contains("[\"kept\"]"), "all is there");
      assertTrue(platform.sql(token, "cleared", "SELECT text FROM message").contains("a new life"));
      String life = kept + "/" + generations(kept).getFirst().getFileName();
      assertEquals(
          200, platform.send("DELETE", "/v1/database/kept", token, new byte[0]).statusCode());
      Platform.await(
          "what it would remove",
          () -> {
            try {
              return platform.log().contains("retention would remove life " + life);
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      assertFalse(platform.log().contains("retention removed"), platform.log());
      assertEquals(1, generations(kept).size());
      assertTrue(count("manifests WHERE database", kept) > 0);
      assertTrue(count("chunks WHERE lineage", kept) > 0);
      assertEquals(0, platform.stop(), platform.log());
    }
  }
}
