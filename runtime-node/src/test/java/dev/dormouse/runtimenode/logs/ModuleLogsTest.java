package dev.dormouse.runtimenode.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines are read back as they were written, and followed without a gap and without an end. */
final class ModuleLogsTest {
  private static final Identity DATABASE = Identity.fromClaims("logs", "one");
  private static final Identity OTHER = Identity.fromClaims("logs", "other");
  private static final int PATIENCE_SECONDS = 20;
  private static final Pattern NUMBER = Pattern.compile("\"message\":\"(\\d+)\"");

  @TempDir Path folder;

  private ModuleLogs open() {
    return open(ModuleLogLimits.STANDARD);
  }

  private ModuleLogs open(ModuleLogLimits limits) {
    return new ModuleLogs(folder, limits, InstantSource.system());
  }

  private static void write(ModuleLogs logs, Identity database, int number) {
    LogRecord line =
        new LogRecord(
            LogLevel.INFO,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Integer.toString(number),
            List.of());
    logs.of(database).append(1_700_000_000_000_000L + number, "test", line);
  }

  private static List<Integer> numbers(byte[] json) {
    return NUMBER
        .matcher(new String(json, StandardCharsets.UTF_8))
        .results()
        .map((MatchResult each) -> Integer.parseInt(each.group(1)))
        .toList();
  }

  private static List<Integer> range(int from, int to) {
    List<Integer> range = new ArrayList<>();
    for (int i = from; i < to; i++) {
      range.add(i);
    }
    return range;
  }

  private static final class Reader implements ModuleLogs.Follower {
    private final List<Integer> told = new ArrayList<>();
    private final CountDownLatch enough;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** One who waits for so many lines. */
    Reader(int lines) {
      this.enough = new CountDownLatch(lines);
    }

    @Override
    public void line(byte[] json) {
      synchronized (told) {
        told.addAll(numbers(json));
      }
      enough.countDown();
    }

    @Override
    public void ended() {
      ended.countDown();
    }

    List<Integer> told() {
      synchronized (told) {
        return List.copyOf(told);
      }
    }

    void awaitEnd() throws InterruptedException {
      assertTrue(ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "the following did not end");
    }
  }

  @Test
  void theTailIsTheLastLines() throws IOException {
    try (ModuleLogs logs = open()) {
      assertEquals(List.of(), numbers(logs.tail(DATABASE, OptionalInt.empty())));
      range(0, 10).forEach(number -> write(logs, DATABASE, number));
      write(logs, OTHER, 77);
      assertEquals(range(0, 10), numbers(logs.tail(DATABASE, OptionalInt.empty())));
      assertEquals(range(7, 10), numbers(logs.tail(DATABASE, OptionalInt.of(3))));
      assertEquals(List.of(), numbers(logs.tail(DATABASE, OptionalInt.of(0))));
    }
  }

  @Test
  void whoFollowsMissesNothingAndHearsNothingTwice() throws Exception {
    int lines = 20_000;
    try (ModuleLogs logs = open()) {
      Thread module =
          Thread.ofPlatform()
              .start(() -> range(0, lines).forEach(number -> write(logs, DATABASE, number)));
      int heard = 0;
      while (heard < lines) {
        // Begins somewhere in the middle, hears a little, and begins again.
        Reader reader = new Reader(1);
        ModuleLogs.Following following =
            logs.follow(DATABASE, OptionalInt.empty(), reader).orElseThrow();
        List<Integer> all = new ArrayList<>(numbers(following.tail()));
        if (all.size() < lines) {
          assertTrue(reader.enough.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        following.stop().run();
        all.addAll(reader.told());
        assertEquals(range(0, all.size()), all);
        heard = all.size();
      }
      module.join();
    }
  }

  @Test
  void followingsEndWithTheDatabaseAndWithTheNode() throws Exception {
    try (ModuleLogs logs = open()) {
      write(logs, DATABASE, 1);
      Reader one = new Reader(0);
      Reader other = new Reader(0);
      assertEquals(
          List.of(1),
          numbers(logs.follow(DATABASE, OptionalInt.empty(), one).orElseThrow().tail()));
      assertTrue(logs.follow(OTHER, OptionalInt.empty(), other).isPresent());
      logs.delete(DATABASE);
      one.awaitEnd();
      assertEquals(1, other.ended.getCount(), "the other database is still there");
      assertEquals(List.of(), numbers(logs.tail(DATABASE, OptionalInt.empty())));
      logs.endFollowings();
      other.awaitEnd();
      Reader late = new Reader(0);
      assertTrue(logs.follow(OTHER, OptionalInt.empty(), late).isPresent());
      late.awaitEnd();
    }
  }

  @Test
  void soManyFollowAndNoMore() throws IOException {
    try (ModuleLogs logs =
        open(
            new ModuleLogLimits(
                1 << 20,
                1 << 19,
                1 << 19,
                1 << 20,
                1,
                1 << 20,
                1 << 20,
                2,
                1 << 20,
                Duration.ZERO))) {
      Optional<ModuleLogs.Following> first =
          logs.follow(DATABASE, OptionalInt.empty(), new Reader(0));
      assertTrue(logs.follow(DATABASE, OptionalInt.empty(), new Reader(0)).isPresent());
      assertTrue(logs.follow(DATABASE, OptionalInt.empty(), new Reader(0)).isEmpty());
      assertTrue(logs.follow(OTHER, OptionalInt.empty(), new Reader(0)).isPresent());
      first.orElseThrow().stop().run();
      assertTrue(logs.follow(DATABASE, OptionalInt.empty(), new Reader(0)).isPresent());
    }
  }

  private Path day(Identity database, String day, int bytes) throws IOException {
    Path own = Files.createDirectories(folder.resolve(database.toHex()));
    return Files.write(own.resolve(day + ".ndjson"), new byte[bytes]);
  }

  @Test
  void whatIsOlderOrMoreThanIsKeptGoesAndTheNewestNeverDoes() throws IOException {
    ModuleLogLimits limits =
        new ModuleLogLimits(
            1 << 20, 1 << 19, 1 << 19, 1_000, 3, 1_500, 1 << 20, 2, 1 << 20, Duration.ZERO);
    Instant now = Instant.parse("2026-11-21T00:00:00Z");
    Path old = day(DATABASE, "2026-11-18", 100);
    Path young = day(DATABASE, "2026-11-19", 100);
    Path newest = day(DATABASE, "2026-11-21", 100);
    Path asleep = day(OTHER, "2025-01-02", 100);
    Identity third = Identity.fromClaims("logs", "third");
    Path much = day(third, "2026-11-19", 600);
    Path more = day(third, "2026-11-20", 700);
    Path most = day(third, "2026-11-21", 800);
    try (ModuleLogs logs = new ModuleLogs(folder, limits, () -> now)) {
      assertEquals(700, logs.prune(true));
      assertTrue(Files.exists(old) && Files.exists(much), "it was only asked");
      assertEquals(700, logs.prune(false));
      assertEquals(0, logs.prune(false));
    }
    for (Path gone : List.of(old, much)) {
      assertFalse(Files.exists(gone), gone.toString());
    }
    for (Path kept : List.of(young, newest, asleep, more, most)) {
      assertTrue(Files.exists(kept), kept.toString());
    }
  }

  @Test
  void logsThatWereNeverWrittenHaveNothingToPrune() throws IOException {
    try (ModuleLogs logs =
        new ModuleLogs(folder.resolve("none"), ModuleLogLimits.STANDARD, InstantSource.system())) {
      assertEquals(0, logs.prune(false));
    }
  }
}
