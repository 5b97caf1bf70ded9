package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's tour, command by command, as it stands there. */
final class TourIT {
  private static final Pattern COMMANDS = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  private static String tour() throws IOException {
    String readme = Files.readString(Platform.root().resolve("README.md"));
    Matcher matcher = COMMANDS.matcher(readme);
    StringBuilder script = new StringBuilder("set -e\n");
    int blocks = 0;
    while (matcher.find()) {
      script.append(matcher.group(1)).append("\necho\n");
      blocks++;
    }
    assertTrue(blocks >= 6, "only " + blocks + " blocks of commands in the README");
    return script.toString();
  }

  @Test
  void everyCommandOfTheTourWorks() throws Exception {
    Path work = Files.createDirectory(folder.resolve("work"));
    Files.createSymbolicLink(work.resolve("examples"), Platform.root().resolve("examples"));
    try (Platform platform = Platform.start(folder.resolve("data"))) {
      String script = tour().replace("http://127.0.0.1:3000", platform.address().toString());
      Process shell =
          new ProcessBuilder("sh", "-c", script)
              .directory(work.toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, shell.waitFor(), output);
      assertTrue(output.contains("\"op\":\"created\""), output);
      assertTrue(output.contains("\"rows\":[[\"Hello from curl\"]]"), output);
      assertTrue(output.contains("says: Hello from curl"), output);
      assertTrue(output.contains("\"state\":\"SERVING\""), output);
      assertTrue(Files.readString(work.resolve("schema.json")).contains("\"tables\""), "no schema");
      assertEquals(0, platform.stop(), platform.log());
    }
  }
}
