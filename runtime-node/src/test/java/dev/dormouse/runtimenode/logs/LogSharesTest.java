package dev.dormouse.runtimenode.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.database.ModuleLog;
import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may have how many lines waiting: the writer stands still while lines come. */
final class LogSharesTest {
  private static final int QUEUED = 200_000;
  private static final int ONE = 50_000;
  private static final int CROWDED = 5_000;
  private static final Identity STOPPER = Identity.fromClaims("test", "stopper");

  @TempDir Path folder;

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private ModuleLogs logs;

  @BeforeEach
  void theWriterStandsStill() throws Exception {
    logs =
        new ModuleLogs(
            folder,
            new ModuleLogLimits(
                QUEUED, ONE, CROWDED, 10 << 20, 1, 10 << 20, 1 << 20, 1, 1 << 20, Duration.ZERO),
            InstantSource.system());
    var unused =
        logs.follow(
                STOPPER,
                OptionalInt.empty(),
                new ModuleLogs.Follower() {
                  @Override
                  public void line(byte[] json) {
                    stopped.countDown();
                    try {
                      released.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }

                  @Override
                  public void ended() {}
                })
            .orElseThrow();
    write(logs.of(STOPPER), "stop", 1);
    stopped.await();
  }

  @AfterEach
  void close() {
    released.countDown();
    logs.close();
  }

  private static Identity database(int number) {
    return Identity.fromClaims("test", "database " + number);
  }

  private static void write(ModuleLog log, String message, int lines) {
    for (int i = 0; i < lines; i++) {
      log.append(
          0,
          "f",
          new LogRecord(
              LogLevel.INFO,
              Optional.empty(),
              Optional.empty(),
              OptionalInt.empty(),
              message,
              List.of()));
    }
  }

  /** What has been written, once the writer goes on. */
  private String written(Identity database) throws IOException {
    released.countDown();
    return new String(logs.tail(database, OptionalInt.empty()), StandardCharsets.UTF_8);
  }

  @Test
  void whoFloodsLosesItsOwnLinesAndNobodyElses() throws Exception {
    write(logs.of(database(1)), "flood", 10_000);
    write(logs.of(database(2)), "calm", 10);
    String calm = written(database(2));
    assertEquals(10, calm.lines().count());
    String flood = written(database(1));
    assertTrue(flood.length() > ONE / 2 && flood.length() <= ONE, flood.length() + " characters");
    write(logs.of(database(1)), "after", 1);
    assertTrue(written(database(1)).contains("after"));
  }

  @Test
  void howeverManyFloodTheOthersHaveRoom() throws Exception {
    for (int i = 0; i < 15; i++) {
      write(logs.of(database(i)), "flood", 10_000);
    }
    write(logs.of(database(99)), "calm", 10);
    assertEquals(10, written(database(99)).lines().count());
    long flood = 0;
    for (int i = 0; i < 15; i++) {
      String own = written(database(i));
      assertTrue(!own.isEmpty(), "all lines of a database were dropped");
      flood += own.length();
    }
    assertTrue(flood > QUEUED / 2 && flood < QUEUED, flood + " characters");
  }

  @Test
  void limitsMustLeaveRoomForOthers() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new ModuleLogLimits(100, 60, 10, 1, 1, 1, 1, 1, 1, Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ModuleLogLimits(100, 40, 50, 1, 1, 1, 1, 1, 1, Duration.ZERO));
  }
}
