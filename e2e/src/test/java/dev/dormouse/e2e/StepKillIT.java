package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ServerMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process dies in each step of falling asleep and of waking, as by SIGKILL, on its real stores;
 * the next one has everything that was answered, and the clients of the dead one have left.
 */
final class StepKillIT {
  /** The status of a drill's halt. */
  private static final int HALTED = 137;

  private static final Pattern TEXT = Pattern.compile("\\[\"(round \\d+ call \\d+)\"\\]");

  /** Behind each step; what is before the first, {@link KillIT} hits. */
  private static final List<String> STEPS_OF_SLEEP =
      List.of(
          "SnapshotStore.begin.after",
          "SnapshotStore.publish.after",
          "SegmentStore.create.after",
          "ArchivePositions.record.after",
          "Ownership.slept.after");

  /** Of the log: two appends and syncs of the start itself, then the first commit of the woken. */
  private static final List<String> STEPS_OF_WAKE =
      List.of(
          "Ownership.take.after",
          "SnapshotStore.newest.after",
          "SegmentStore.list.after",
          "ArtefactStore.artefact.after",
          "LogStorage.append.after#3",
          "LogStorage.sync.after#3");

  @TempDir Path folder;

  @Test
  void nothingAnsweredIsLostWhereverItDies() throws Exception {
    Path data = folder.resolve("data");
    List<String> answered = new ArrayList<>();
    String token = "";
    for (int round = 0; round < STEPS_OF_WAKE.size(); round++) {
      String step = STEPS_OF_SLEEP.get(round % STEPS_OF_SLEEP.size());
      Path armed = folder.resolve("armed " + round);
      try (Platform platform =
          Platform.start(
              data,
              List.of(),
              Map.of("dormouse.drill.halt-at", step, "dormouse.drill.armed-by", armed.toString()),
              "--idle-after",
              "200ms")) {
        if (round == 0) {
          token = platform.token();
          platform.publish(token, "chat", "examples/chat/chat.wasm");
        }
        check(platform, token, answered, "before the death at " + step);
        WebSocketClient held = WebSocketClient.connect(platform, "chat", "");
        held.expect(ServerMessage.InitialConnection.class);
        for (int call = 0; call < 3; call++) {
          String text = "round %d call %d".formatted(round, call);
          assertEquals(
              200, platform.call(token, "chat", "send_message", "[\"" + text + "\"]").statusCode());
          answered.add(text);
        }
        Files.createFile(armed);
        assertEquals(HALTED, platform.awaitEnd(), step + ": " + platform.log());
      }
      String waking = STEPS_OF_WAKE.get(round);
      Platform.Ended ended = Platform.run(data, Map.of("dormouse.drill.halt-at", waking));
      assertEquals(HALTED, ended.status(), waking + ": " + ended.log());
    }
    try (Platform platform = Platform.start(data)) {
      check(platform, token, answered, "at the end");
      assertEquals(0, platform.stop(), platform.log());
    }
  }

  private static void check(Platform platform, String token, List<String> answered, String when)
      throws Exception {
    List<String> found = new ArrayList<>();
    Matcher rows = TEXT.matcher(platform.sql(token, "chat", "SELECT text FROM message"));
    while (rows.find()) {
      found.add(rows.group(1));
    }
    found.sort(null);
    List<String> expected = new ArrayList<>(answered);
    expected.sort(null);
    assertEquals(expected, found, when);
    // The query's own connection and user are the only ones: the dead ones have left.
    String clients = platform.sql(token, "chat", "SELECT COUNT(*) AS n FROM st_client");
    assertTrue(clients.contains("\"rows\":[[1]]"), when + ": " + clients);
    String online = platform.sql(token, "chat", "SELECT * FROM user WHERE online = true");
    assertEquals(1, online.split("\\[\\[\"0x", -1).length - 1, when + ": " + online);
  }
}
