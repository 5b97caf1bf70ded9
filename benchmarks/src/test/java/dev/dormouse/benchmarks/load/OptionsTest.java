package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptionsTest {
  @Test
  void theStandardIsTheCaseOfTheTable() throws IOException {
    Options options = Options.parse();
    assertEquals(64, options.connections());
    assertEquals(96, options.inFlight());
    assertEquals(100_000, options.accounts());
    assertTrue(options.confirmed());
    assertEquals(Protocol.V3, options.protocol());
    assertFalse(options.zipf());
  }

  @Test
  void oneIsOneCallInFlightOnOneConnection() throws IOException {
    Options options = Options.parse("--one", "--duration", "0.25", "--confirmed", "false");
    assertEquals(1, options.connections());
    assertEquals(1, options.inFlight());
    assertEquals(Duration.ofMillis(250), options.duration());
    assertFalse(options.confirmed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--nonsense",
        "--connections",
        "--connections x",
        "--connections 0",
        "--in-flight 70000",
        "--protocol v1",
        "--confirmed yes",
        "--skew none",
        "--accounts 1",
        "--duration 0",
        "--threads 2 --connections 1"
      })
  void whatCannotBeIsRefused(String line) {
    assertThrows(IllegalArgumentException.class, () -> Options.parse(line.split(" ", -1)));
  }
}
