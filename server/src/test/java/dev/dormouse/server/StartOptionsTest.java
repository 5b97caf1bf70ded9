package dev.dormouse.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StartOptionsTest {
  @Test
  void optionsBecomeSettings() throws StartRefused {
    var options =
        StartOptions.parse(
            List.of("--port", "0", "--data=/tmp/x", "--idle-after", "3s", "--host", "::1"));
    assertEquals("0", options.settings().get(StartOptions.PORT));
    assertEquals("/tmp/x", options.settings().get(StartOptions.DATA));
    assertEquals("PT3S", options.settings().get(StartOptions.IDLE_AFTER));
    assertEquals("::1", options.host());
    assertEquals(0, options.port());
  }

  @Test
  void defaultsListenOnThisMachineOnly() throws StartRefused {
    var options = StartOptions.parse(List.of());
    assertEquals("127.0.0.1", options.host());
    assertEquals(3000, options.port());
    assertEquals(9000, options.managementPort());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--port",
        "--port -1",
        "--port 65536",
        "--port x",
        "--nonsense",
        "stray",
        "--data",
        "--idle-after 5",
        "--idle-after -1s",
        "--idle-after 1d"
      })
  void whatIsNotUnderstoodIsRefused(String line) {
    var refused =
        assertThrows(StartRefused.class, () -> StartOptions.parse(List.of(line.split(" ", -1))));
    assertTrue(refused.getMessage().contains("`"), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"500ms,500", "3s,3000", "1m,60000", "2h,7200000", "0s,0"})
  void durations(String text, long milliseconds) throws StartRefused {
    assertEquals(Duration.ofMillis(milliseconds), StartOptions.duration("--idle-after", text));
  }
}
