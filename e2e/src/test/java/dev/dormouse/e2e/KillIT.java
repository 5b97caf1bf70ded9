package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was answered is there, whenever the process dies. */
final class KillIT {
  private static final int ROUNDS = 3;
  private static final int CALLERS = 4;
  private static final int ANSWERS_BEFORE_KILL = 60;
  private static final Pattern TEXT = Pattern.compile("\\[\"(round \\d+ call \\d+\\.\\d+)\"\\]");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"examples/chat/chat.wasm", "fixtures/chat-1.12/chat-1.12.wasm"})
  void everyAnsweredCallIsThereOnce(String module) throws Exception {
    Path data = folder.resolve("data");
    Set<String> answered = ConcurrentHashMap.newKeySet();
    String token;
    Platform platform = Platform.start(data, "--idle-after", "200ms");
    try {
      token = platform.token();
      platform.publish(token, "chat", module);
      for (int round = 0; round < ROUNDS; round++) {
        int before = answered.size();
        List<Thread> callers = callers(platform, token, round, answered);
        Platform.await("answers", () -> answered.size() >= before + ANSWERS_BEFORE_KILL);
        platform.kill();
        for (Thread caller : callers) {
          caller.join();
        }
        platform = Platform.start(data, "--idle-after", "200ms");
        check(platform.sql(token, "chat", "SELECT text FROM message"), answered);
        // The query's own connection is the only one there is: the dead ones were ended.
        String clients = platform.sql(token, "chat", "SELECT COUNT(*) AS n FROM st_client");
        assertTrue(clients.contains("\"rows\":[[1]]"), clients);
      }
      assertEquals(0, platform.stop(), platform.log());
    } finally {
      platform.close();
    }
  }

  private static List<Thread> callers(
      Platform platform, String token, int round, Set<String> answered) {
    List<Thread> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      int number = caller;
      Thread thread =
          new Thread(
              () -> {
                for (int call = 0; ; call++) {
                  String text = "round %d call %d.%d".formatted(round, number, call);
                  try {
                    var answer = platform.call(token, "chat", "send_message", "[\"" + text + "\"]");
                    if (answer.statusCode() == 200) {
                      answered.add(text);
                    }
                  } catch (IOException | InterruptedException e) {
                    return; // The process died; what was not answered may or may not be there.
                  }
                }
              });
      thread.start();
      callers.add(thread);
    }
    return callers;
  }

  private static void check(String rows, Set<String> answered) {
    Map<String, Integer> found = new HashMap<>();
    Matcher matcher = TEXT.matcher(rows);
    while (matcher.find()) {
      found.merge(matcher.group(1), 1, Integer::sum);
    }
    assertFalse(found.isEmpty(), rows);
    for (String text : answered) {
      assertEquals(1, found.get(text), "answered, and then found so often: " + text);
    }
  }
}
