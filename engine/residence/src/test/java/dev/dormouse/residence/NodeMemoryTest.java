package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.HttpCall;
import dev.dormouse.database.HttpSql;
import dev.dormouse.database.Visitor;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Databases and the memory of their node: what each life takes, it gives back. */
final class NodeMemoryTest {
  private static final Identity ANN = Identity.fromClaims("test", "ann");
  private static final String CHAT = "examples/chat/chat.wasm";
  private static final long ROOMY = 64 << 20;
  private static final Duration SOON = Duration.ofMillis(1);
  private static final ResidenceLimits LIMITS =
      ResidenceLimits.STANDARD
          .withIdleAfter(SOON)
          .withRetries(new ResidenceLimits.Retries(SOON, SOON))
          .withProgramBytes(1 << 20);

  private long connections = 1;

  private CallResult say(SmallNode node, DatabaseKey key, String text) {
    SmallNode.Awaited<CallResult> answer = new SmallNode.Awaited<>();
    node.residence.submit(
        key,
        WakeReason.CALL,
        new HttpCall(
            new Visitor(ANN, new ConnectionId(connections++, 7), "{}"),
            "send_message",
            new Arguments.Json(("[\"" + text + "\"]").getBytes(StandardCharsets.UTF_8)),
            answer));
    return answer.get();
  }

  private static void awaitAsleep(SmallNode node, DatabaseKey key) {
    while (node.residence.status(key).state() != DatabaseState.ASLEEP) {
      node.residence.tick();
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void sleepGivesEverythingBack() throws Exception {
    MemoryBudget memory = new MemoryBudget(ROOMY);
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), LIMITS, memory)) {
      DatabaseKey key = node.publish(CHAT);
      for (int life = 0; life < 3; life++) {
        assertInstanceOf(CallResult.Committed.class, say(node, key, "hello"));
        assertTrue(memory.chargedBytes() > 0);
        awaitAsleep(node, key);
        assertEquals(0, memory.chargedBytes());
      }
      say(node, key, "last words");
      node.residence.delete(key);
      while (memory.chargedBytes() > 0) { // its lane may be at the end of a drain
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  @Test
  void aDatabaseThatDoesNotFitIsRefusedForNowAndOpensOnceThereIsRoom() throws Exception {
    MemoryBudget memory = new MemoryBudget(ROOMY);
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), LIMITS, memory)) {
      DatabaseKey key = node.publish(CHAT);
      say(node, key, "hello");
      awaitAsleep(node, key);
      try (MemoryAccount others = memory.open()) {
        others.cover(ROOMY - MemoryAccount.STEP_BYTES, "the neighbours");
        CompletionException failed =
            assertThrows(CompletionException.class, () -> say(node, key, "too early"));
        EngineException refused = assertInstanceOf(EngineException.class, failed.getCause());
        assertEquals(EngineException.Code.RETRY, refused.code());
        assertTrue(
            refused.text().startsWith("the database cannot be opened: node memory: a database")
                && refused.text().endsWith("of 67108864 bytes are taken by databases"),
            refused.text());
        assertEquals(ROOMY - MemoryAccount.STEP_BYTES, memory.chargedBytes());
      }
      passTheBackOff();
      assertInstanceOf(CallResult.Committed.class, say(node, key, "now"));
    }
  }

  /** Until then requests are refused without a look. */
  private static void passTheBackOff() {
    long end = System.nanoTime() + 2 * SOON.toNanos();
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(SOON.toNanos());
    }
  }

  @Test
  void newDatabasesAreRefusedWhenThereIsNoRoomAndLeaveNothing() throws Exception {
    MemoryBudget memory = new MemoryBudget(4 << 20);
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), ResidenceLimits.STANDARD, memory)) {
      List<DatabaseKey> made = new ArrayList<>();
      EngineException refused =
          assertThrows(
              EngineException.class,
              () -> {
                while (true) {
                  made.add(node.publish(CHAT));
                }
              });
      assertTrue(refused.text().startsWith("node memory: "), refused.text());
      assertTrue(made.size() > 2, made.size() + " databases");
      long full = memory.chargedBytes();
      assertThrows(EngineException.class, () -> node.publish(CHAT));
      assertEquals(full, memory.chargedBytes());
      node.residence.delete(made.removeLast());
      while (memory.chargedBytes() == full) { // its lane may be at the end of a drain
        LockSupport.parkNanos(1_000_000);
      }
      assertInstanceOf(CallResult.Committed.class, say(node, made.getFirst(), "still here"));
    }
  }

  private HttpSql.Outcome ask(SmallNode node, DatabaseKey key) {
    SmallNode.Awaited<HttpSql.Outcome> answer = new SmallNode.Awaited<>();
    node.residence.submit(
        key,
        WakeReason.SQL,
        new HttpSql(
            new Visitor(ANN, new ConnectionId(connections++, 7), "{}"),
            "SELECT * FROM message",
            true,
            answer));
    return answer.get();
  }

  @Test
  void aResultTakesMemoryUntilItIsReleasedAndIsRefusedForNow() throws Exception {
    MemoryBudget memory = new MemoryBudget(ROOMY);
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), ResidenceLimits.STANDARD, memory)) {
      DatabaseKey key = node.publish(CHAT);
      int rows = 5;
      for (int i = 0; i < rows; i++) {
        say(node, key, "x".repeat(200_000));
      }
      long before = memory.chargedBytes();
      HttpSql.Outcome.Result result =
          assertInstanceOf(HttpSql.Outcome.Result.class, ask(node, key));
      assertEquals(rows, result.rows().count());
      assertTrue(memory.chargedBytes() >= before + rows * 200_000L, "the result was not counted");
      result.release();
      assertEquals(before, memory.chargedBytes());
      try (MemoryAccount others = memory.open()) {
        others.cover(ROOMY - before - 100_000, "the neighbours");
        HttpSql.Outcome.Refused refused =
            assertInstanceOf(HttpSql.Outcome.Refused.class, ask(node, key));
        assertEquals(EngineException.Code.RETRY, refused.why().code());
        assertTrue(
            refused.why().text().startsWith("node memory: the result of a query needs"),
            refused.why().text());
      }
      assertEquals(before, memory.chargedBytes());
    }
  }

  @Test
  void aProgramThatDescribesItselfGivesItsMemoryBack() throws Exception {
    MemoryBudget memory = new MemoryBudget(ROOMY);
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), LIMITS, memory)) {
      node.programs.publish(Files.readAllBytes(SmallNode.root().resolve(CHAT)));
      assertEquals(0, memory.chargedBytes());
    }
  }
}
