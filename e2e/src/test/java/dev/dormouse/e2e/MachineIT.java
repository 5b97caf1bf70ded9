package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine does to a process, and what the process says and does about it. */
final class MachineIT {
  private static final Pattern TEXT = Pattern.compile("\\[\"([^\"]*)\"\\]");
  private static final Pattern MICROS =
      Pattern.compile("\"__timestamp_micros_since_unix_epoch__\":(\\d+)|\\[\\[?(\\d{16})\\]");

  @TempDir static Path folder;
  private static Path data;
  private static Path clockOffset;
  private static Platform platform;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    data = folder.resolve("data");
    clockOffset = folder.resolve("clock");
    Files.writeString(clockOffset, "0");
    platform =
        Platform.start(
            data,
            List.of(),
            Map.of("dormouse.drill.clock-offset-file", clockOffset.toString()),
            "--idle-after",
            "300ms");
    token = platform.token();
  }

  @AfterAll
  static void stop() throws Exception {
    assertEquals(0, platform.stop(), platform.log());
  }

  private static void say(String database, String text) throws Exception {
    HttpResponse<String> answer =
        platform.call(token, database, "send_message", "[\"" + text + "\"]");
    assertEquals(200, answer.statusCode(), answer.body());
  }

  private static List<String> said(String database) throws Exception {
    List<String> texts = new ArrayList<>();
    Matcher rows = TEXT.matcher(platform.sql(token, database, "SELECT text FROM message"));
    while (rows.find()) {
      texts.add(rows.group(1));
    }
    texts.sort(null);
    return texts;
  }

  @Test
  void aFolderOrPortInUseIsToldWithItsHolder() throws Exception {
    Platform.Ended folderTaken = Platform.run(data, Map.of());
    assertEquals(1, folderTaken.status());
    assertTrue(folderTaken.log().contains("is in use by"), folderTaken.log());
    assertTrue(folderTaken.log().contains("process " + platform.pid()), folderTaken.log());
    assertTrue(folderTaken.log().contains(data.toString()), folderTaken.log());

    String port = Integer.toString(platform.address().getPort());
    Platform.Ended portTaken = Platform.run(folder.resolve("other"), Map.of(), "--port", port);
    assertEquals(1, portTaken.status());
    assertTrue(portTaken.log().contains("port " + port), portTaken.log());
    assertTrue(portTaken.log().contains("process " + platform.pid()), portTaken.log());
    assertFalse(portTaken.log().contains("\tat "), portTaken.log());
  }

  @Test
  void anHourBackOnTheClockIsNoHourBackInTheDatabase() throws Exception {
    platform.publish(token, "clock", "examples/chat/chat.wasm");
    say("clock", "before");
    Files.writeString(clockOffset, "-3600000");
    try {
      say("clock", "an hour earlier");
      String late = platform.token();
      assertEquals(
          200, platform.call(late, "clock", "send_message", "[\"new token\"]").statusCode());
      long begun = System.nanoTime();
      platform.awaitAsleep(token, "clock");
      assertTrue(System.nanoTime() - begun < 10_000_000_000L, "it does not wait for an hour");
      say("clock", "woken");
      List<Long> sent = new ArrayList<>();
      for (String text : List.of("before", "an hour earlier", "new token", "woken")) {
        String row =
            platform.sql(token, "clock", "SELECT sent FROM message WHERE text = '" + text + "'");
        Matcher micros = MICROS.matcher(row);
        assertTrue(micros.find(), row);
        sent.add(Long.parseLong(micros.group(1) == null ? micros.group(2) : micros.group(1)));
      }
      for (int i = 1; i < sent.size(); i++) {
        assertTrue(sent.get(i) > sent.get(i - 1), "timestamps only rise: " + sent);
      }
      assertTrue(sent.getLast() - sent.getFirst() < 60_000_000L, "and stay where they were");
    } finally {
      Files.writeString(clockOffset, "0");
    }
    say("clock", "after");
    assertEquals(5, said("clock").size());
  }

  @Test
  void whatIsAwakeGoesOnWithoutPostgresAndWhatSleepsWaitsForIt() throws Exception {
    platform.publish(token, "asleep", "examples/chat/chat.wasm");
    say("asleep", "one");
    platform.awaitAsleep(token, "asleep");
    platform.publish(token, "awake", "examples/chat/chat.wasm");
    say("awake", "0");
    Path pidFile;
    try (Stream<Path> files = Files.walk(data.resolve("postgres"), 2)) {
      pidFile = files.filter(file -> file.endsWith("postmaster.pid")).findAny().orElseThrow();
    }
    String killed = Files.readAllLines(pidFile).getFirst();
    ProcessHandle.of(Long.parseLong(killed)).orElseThrow().destroyForcibly();
    int calls = 1;
    int refused = 0;
    HttpResponse<String> woken;
    do {
      say("awake", Integer.toString(calls++)); // Every single one of them.
      woken = platform.call(token, "asleep", "send_message", "[\"two\"]");
      if (woken.statusCode() != 200) {
        refused++;
        assertEquals(503, woken.statusCode(), woken.body());
        assertTrue(woken.body().contains("PostgreSQL"), woken.body());
      }
    } while (woken.statusCode() != 200 && calls < 10_000);
    assertEquals(200, woken.statusCode(), woken.body() + platform.log());
    assertTrue(refused > 0, "it was down for a while");
    assertFalse(Files.readAllLines(pidFile).getFirst().equals(killed), "it was started again");
    assertEquals(List.of("one", "two"), said("asleep"));
    assertEquals(calls, said("awake").size());
    platform.awaitAsleep(token, "awake");
    assertEquals(calls, said("awake").size(), "also after a sleep");
  }

  @Test
  void anArchiveThatGoesAndComesBackIsCaughtUpWith() throws Exception {
    platform.publish(token, "archived", "examples/chat/chat.wasm");
    say("archived", "one");
    Path segments = data.resolve("segments");
    Path away = folder.resolve("segments elsewhere");
    Files.move(segments, away);
    Files.createFile(segments); // So that nobody makes the folder anew.
    platform.awaitAsleep(token, "archived");
    say("archived", "two");
    platform.awaitAsleep(token, "archived");
    assertTrue(platform.log().contains("sleeps unstored"), platform.log());
    Files.delete(segments);
    Files.move(away, segments);
    long before = objects(segments);
    say("archived", "three");
    Platform.await(
        "the archive",
        () -> {
          try {
            return objects(segments) > before;
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    platform.awaitAsleep(token, "archived");
    assertEquals(List.of("one", "three", "two"), said("archived"));
  }

  private static long objects(Path segments) throws IOException {
    try (Stream<Path> files = Files.walk(segments)) {
      return files.filter(file -> file.toString().endsWith(".seg")).count();
    }
  }
}
