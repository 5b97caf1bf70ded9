package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A database that has nothing to do with what happens beside it, and must not notice. */
final class Neighbour {
  private static final String NAME = "neighbour";
  private static final Pattern TEXT = Pattern.compile("\\[\"(said \\d+)\"\\]");

  private final String token;
  private final List<String> said = new ArrayList<>();

  private Neighbour(String token) {
    this.token = token;
  }

  static Neighbour moveIn(Platform platform) throws Exception {
    Neighbour neighbour = new Neighbour(platform.token());
    platform.publish(neighbour.token, NAME, "examples/chat/chat.wasm");
    neighbour.assertServed(platform);
    return neighbour;
  }

  /** It answers a call, and all its rows are there. */
  void assertServed(Platform platform) throws Exception {
    String text = "said " + said.size();
    var answer = platform.call(token, NAME, "send_message", "[\"" + text + "\"]");
    assertEquals(200, answer.statusCode(), answer.body());
    said.add(text);
    assertIntact(platform);
  }

  /** All its rows are there, once. */
  void assertIntact(Platform platform) throws Exception {
    Matcher matcher = TEXT.matcher(platform.sql(token, NAME, "SELECT text FROM message"));
    List<String> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    assertEquals(said.stream().sorted().toList(), found.stream().sorted().toList());
  }
}
