package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.LogRange;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.Database;
import dev.dormouse.database.HttpCall;
import dev.dormouse.database.HttpSql;
import dev.dormouse.database.Visitor;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The journal of a node stays short, whatever its databases do. */
final class UpkeepTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration EVER = Duration.ofDays(1);

  private static final ResidenceLimits.Upkeep BY_SIZE =
      new ResidenceLimits.Upkeep(1_000, EVER, 4_000, EVER, EVER, 2);

  private long connections = 1;

  private void say(SmallNode node, DatabaseKey key, String text) {
    SmallNode.Awaited<CallResult> answer = new SmallNode.Awaited<>();
    node.residence.submit(
        key,
        WakeReason.CALL,
        new HttpCall(
            visitor(),
            "send_message",
            new Arguments.Json(("[\"" + text + "\"]").getBytes(StandardCharsets.UTF_8)),
            answer));
    assertInstanceOf(CallResult.Committed.class, answer.get());
  }

  private long messages(SmallNode node, DatabaseKey key) {
    SmallNode.Awaited<HttpSql.Outcome> answer = new SmallNode.Awaited<>();
    node.residence.submit(
        key, WakeReason.SQL, new HttpSql(visitor(), "SELECT * FROM message", true, answer));
    return assertInstanceOf(HttpSql.Outcome.Result.class, answer.get()).rows().count();
  }

  private Visitor visitor() {
    return new Visitor(
        Identity.fromClaims("test", "ann"), new ConnectionId(connections++, 7), "{}");
  }

  private static void await(BooleanSupplier done) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited in vain");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static long keptBytes(SmallNode node) {
    return node.journal.unarchived().stream().mapToLong(LogRange::bytes).sum();
  }

  private static Database database(SmallNode node, DatabaseKey key) {
    return node.residence.serving(key).orElseThrow();
  }

  private static TxOffset archived(SmallNode.Disk disk, DatabaseKey key) {
    try {
      return disk.positions.of(key).map(ArchivePosition::next).orElse(TxOffset.ZERO);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatNeverSleepsIsArchivedAndItsLogLetGo() throws Exception {
    SmallNode.Disk disk = new SmallNode.Disk();
    ResidenceLimits limits = ResidenceLimits.STANDARD.withUpkeep(BY_SIZE);
    DatabaseKey key;
    int said = 0;
    try (SmallNode node = new SmallNode(disk, limits)) {
      key = node.publish("examples/chat/chat.wasm");
      node.upkeep.look();
      await(() -> archived(disk, key).value() > 0);
      assertTrue(disk.snapshots.list(key).isEmpty(), "little log is archived without a snapshot");
      assertTrue(keptBytes(node) > 0, "and kept, since no snapshot covers it");
      for (int round = 0; round < 3; round++) {
        int snapshots = disk.snapshots.list(key).size();
        while (keptBytes(node) < 2 * BY_SIZE.snapshotLogBytes() + database(node, key).sizeBytes()) {
          say(node, key, "message " + said++);
        }
        // Again and again: what was begun in the round before may not be over for the upkeep yet.
        await(
            () -> {
              node.upkeep.look();
              return keptBytes(node) == 0;
            });
        assertEquals(snapshots + 1, disk.snapshots.list(key).size());
        assertTrue(node.residence.serving(key).isPresent(), "it serves all the while");
      }
      assertEquals(said, messages(node, key));
    }
    try (SmallNode node = new SmallNode(disk, limits)) {
      assertEquals(said, messages(node, key), "snapshot, archive and journal are its state");
    }
  }

  @Test
  void aStartedNodeLetsGoOfWhatItsSleepersHaveStored() throws Exception {
    SmallNode.Disk disk = new SmallNode.Disk();
    ResidenceLimits limits = ResidenceLimits.STANDARD.withUpkeep(BY_SIZE);
    try (SmallNode node = new SmallNode(disk, limits)) {
      assertEquals(Set.of(), node.residence.programs());
      DatabaseKey key = node.publish("examples/chat/chat.wasm");
      Set<ModuleHash> programs = Set.of(database(node, key).program().hash());
      assertEquals(programs, node.residence.programs());
      say(node, key, "hello");
      assertTrue(node.residence.drain(PATIENCE));
      assertEquals(programs, node.residence.programs(), "also of who went to bed");
      await(() -> keptBytes(node) == 0);
    }
    try (SmallNode node = new SmallNode(disk, limits)) {
      assertTrue(keptBytes(node) > 0, "a journal does not remember it");
      node.residence.recover();
      node.upkeep.look();
      await(() -> keptBytes(node) == 0);
      assertEquals(0, node.residence.awakeCount(), "nobody was woken for that");
    }
  }

  @Test
  void aSleepThatCouldNotBeStoredIsStoredWhenTheStoresAreBack() throws Exception {
    SmallNode.Disk disk = new SmallNode.Disk();
    ResidenceLimits limits =
        ResidenceLimits.STANDARD
            .withIdleAfter(Duration.ofMillis(1))
            .withUpkeep(
                new ResidenceLimits.Upkeep(
                    1_000_000, EVER, 4_000_000, EVER, Duration.ofMillis(50), 2));
    try (SmallNode node = new SmallNode(disk, limits)) {
      DatabaseKey key = node.publish("examples/chat/chat.wasm");
      say(node, key, "hello");
      disk.segmentFaults.failAll(true);
      await(() -> fallsAsleep(node, key));
      assertEquals(TxOffset.ZERO, archived(disk, key));
      assertTrue(disk.ownership.lastSleep(key).isEmpty());
      disk.segmentFaults.failAll(false);
      await(
          () -> {
            node.residence.tick();
            node.upkeep.look();
            return disk.ownership.lastSleep(key).isPresent() && keptBytes(node) == 0;
          });
      assertEquals(WakeReason.UPKEEP, node.residence.status(key).lastWake().orElseThrow().by());
      assertEquals(1, messages(node, key));
    }
  }

  /** Stored, archived and let go of, so that nothing but the record of the sleep is missing. */
  @Test
  void aSleepThatCouldNotBeRecordedIsRecordedLater() throws Exception {
    SmallNode.Disk disk = new SmallNode.Disk();
    ResidenceLimits limits =
        ResidenceLimits.STANDARD
            .withIdleAfter(Duration.ofMillis(1))
            .withSleepersKept(0)
            .withUpkeep(
                new ResidenceLimits.Upkeep(
                    1_000_000, EVER, 4_000_000, EVER, Duration.ofMillis(50), 2));
    try (SmallNode node = new SmallNode(disk, limits)) {
      DatabaseKey key = node.publish("examples/chat/chat.wasm");
      say(node, key, "hello");
      disk.ownership.failSleeps(true);
      await(() -> fallsAsleep(node, key) && keptBytes(node) == 0);
      assertTrue(disk.ownership.lastSleep(key).isEmpty());
      disk.ownership.failSleeps(false);
      await(
          () -> {
            node.residence.tick();
            node.upkeep.look();
            return disk.ownership.lastSleep(key).isPresent();
          });
      await(
          () -> {
            node.residence.tick();
            return node.residence.residentCount() == 0;
          });
      assertEquals(1, messages(node, key));
    }
  }

  private static boolean fallsAsleep(SmallNode node, DatabaseKey key) {
    node.residence.tick();
    return node.residence.status(key).state() == DatabaseState.ASLEEP;
  }
}
