package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The black-box suite, which knows nothing of our code, against the real process. */
final class ConformanceIT {
  /**
   * What is refused by name until it is built; a case that begins to pass has to leave the list.
   */
  private static final List<String> NOT_BUILT_YET =
      List.of(
          "messages: a one-off query may join without indexes",
          "subscriptions: a join changes with either of its tables");

  private static final Pattern FAILED = Pattern.compile("(?m)^FAIL  ([^:]+: [^:]+):");
  private static final Pattern CLOSING = Pattern.compile("(?m)^(\\d+) passed, (\\d+) failed$");

  @TempDir Path folder;

  @Test
  void everyCaseOfWhatIsBuiltPasses() throws Exception {
    try (Platform platform = Platform.start(folder.resolve("data"))) {
      Process suite =
          new ProcessBuilder(
                  Platform.root().resolve("conformance/run").toString(),
                  "--url",
                  platform.address().toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(suite.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      suite.waitFor();
      List<String> failed =
          FAILED.matcher(output).results().map(result -> result.group(1)).sorted().toList();
      assertEquals(NOT_BUILT_YET, failed, output);
      Matcher closing = CLOSING.matcher(output);
      assertTrue(closing.find(), output);
      assertTrue(Integer.parseInt(closing.group(1)) >= 126, output);
      assertEquals(0, platform.stop(), platform.log());
    }
  }
}
