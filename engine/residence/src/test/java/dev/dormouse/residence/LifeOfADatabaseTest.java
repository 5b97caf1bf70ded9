package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.Database;
import dev.dormouse.database.HttpCall;
import dev.dormouse.database.HttpSql;
import dev.dormouse.database.Look;
import dev.dormouse.database.Reply;
import dev.dormouse.database.Submission;
import dev.dormouse.database.Visitor;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publish, call, query, sleep, wake, restart: the engine as a whole, with real modules. */
final class LifeOfADatabaseTest {
  private static final Identity ANN = Identity.fromClaims("test", "ann");

  private long connections = 1;

  private Visitor visitor() {
    return new Visitor(ANN, new ConnectionId(connections++, 7), "{}");
  }

  private CallResult call(SmallNode node, DatabaseKey key, String reducer, String arguments) {
    SmallNode.Awaited<CallResult> answer = new SmallNode.Awaited<>();
    node.residence.submit(
        key,
        WakeReason.CALL,
        new HttpCall(
            visitor(),
            reducer,
            new Arguments.Json(arguments.getBytes(StandardCharsets.UTF_8)),
            answer));
    return answer.get();
  }

  private HttpSql.Outcome.Result sql(SmallNode node, DatabaseKey key, String text) {
    SmallNode.Awaited<HttpSql.Outcome> answer = new SmallNode.Awaited<>();
    node.residence.submit(key, WakeReason.SQL, new HttpSql(visitor(), text, true, answer));
    return assertInstanceOf(HttpSql.Outcome.Result.class, answer.get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"examples/chat/chat.wasm", "fixtures/chat-1.12/chat-1.12.wasm"})
  void whatWasCalledIsThereAfterSleepAndRestart(String module) throws Exception {
    SmallNode.Disk disk = new SmallNode.Disk();
    ResidenceLimits quick = ResidenceLimits.STANDARD.withIdleAfter(Duration.ofMillis(1));
    DatabaseKey key;
    try (SmallNode node = new SmallNode(disk, quick)) {
      key = node.publish(module);
      assertInstanceOf(CallResult.Committed.class, call(node, key, "send_message", "[\"hello\"]"));
      assertEquals(
          new CallResult.Failed("Messages must not be empty"),
          call(node, key, "send_message", "[\"\"]"));
      assertInstanceOf(CallResult.InvalidArguments.class, call(node, key, "send_message", "[1]"));
      assertInstanceOf(CallResult.NoSuchFunction.class, call(node, key, "nothing", "[]"));
      assertEquals(1, sql(node, key, "SELECT * FROM message").rows().count());
      assertEquals(1, sql(node, key, "SELECT * FROM user WHERE online = true").rows().count());
      while (node.residence.status(key).state() != DatabaseState.ASLEEP) {
        node.residence.tick();
        LockSupport.parkNanos(1_000_000);
      }
      assertEquals(0, node.residence.awakeCount());
      assertInstanceOf(CallResult.Committed.class, call(node, key, "send_message", "[\"woken\"]"));
      assertEquals(2, sql(node, key, "SELECT * FROM message").rows().count());
      assertEquals(WakeReason.CALL, node.residence.status(key).lastWake().orElseThrow().by());
    }
    try (SmallNode node = new SmallNode(disk, quick)) {
      assertEquals(2, sql(node, key, "SELECT * FROM message").rows().count());
      assertEquals(DatabaseState.SERVING, node.residence.state(key));
    }
  }

  @Test
  void aProgramIsToBePutWhereAQueryShowsIt() throws Exception {
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), ResidenceLimits.STANDARD)) {
      DatabaseKey key = node.publish("examples/bank/bank.wasm");
      ModuleHash hash = ModuleHash.ofProgram(SmallNode.wasm("examples/bank/bank.wasm"));
      assertEquals(
          Optional.of(new HttpSql.Outcome.MissingProgram(hash, List.of(4))),
          sql(node, key, "SELECT * FROM st_module").missing());
      assertEquals(
          Optional.of(new HttpSql.Outcome.MissingProgram(hash, List.of(0, 2))),
          sql(node, key, "SELECT program_bytes, program_kind, program_bytes AS b FROM st_module")
              .missing());
      for (String without :
          List.of(
              "SELECT program_hash FROM st_module",
              "SELECT COUNT(*) AS n FROM st_module",
              "SELECT * FROM st_module WHERE program_kind = 1",
              "SELECT * FROM account")) {
        assertEquals(Optional.empty(), sql(node, key, without).missing(), without);
      }
    }
  }

  @Test
  void transfersMoveMoney() throws Exception {
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), ResidenceLimits.STANDARD)) {
      DatabaseKey key = node.publish("examples/bank/bank.wasm");
      assertInstanceOf(CallResult.Committed.class, call(node, key, "seed", "[100, 10]"));
      assertInstanceOf(CallResult.Committed.class, call(node, key, "transfer", "[1, 2, 4]"));
      assertInstanceOf(CallResult.Failed.class, call(node, key, "transfer", "[1, 2, 7]"));
      assertEquals(
          1, sql(node, key, "SELECT * FROM account WHERE id = 2 AND balance = 14").rows().count());
      assertEquals(99, sql(node, key, "SELECT * FROM account WHERE id <> 1").rows().count());
    }
  }

  /** A lane that is held by whoever hears an answer takes requests up to the limit of its queue. */
  @Test
  void whoAsksForDurabilityAtAFullQueueIsToldOfTheQueue() throws Exception {
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), ResidenceLimits.STANDARD)) {
      DatabaseKey key = node.publish("examples/bank/bank.wasm");
      Database database = node.residence.serving(key).orElseThrow();
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch held = new CountDownLatch(1);
      Reply<Long> holding =
          new Reply<>() {
            @Override
            public void done(Long offset) {
              begun.countDown();
              try {
                held.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            }

            @Override
            public void refused(EngineException why) {
              throw new IllegalStateException(why);
            }
          };
      SmallNode.Awaited<Long> asked = new SmallNode.Awaited<>();
      try {
        database.whenAllDurable(holding);
        begun.await();
        while (database.submit(new Look()) == Submission.QUEUED) {}
        database.whenAllDurable(asked);
      } finally {
        held.countDown();
      }
      CompletionException refused = assertThrows(CompletionException.class, asked::get);
      EngineException why = assertInstanceOf(EngineException.class, refused.getCause());
      int limit = database.context().limits().queuedRequests();
      assertTrue(why.text().contains("waiting as it may, limit %d ".formatted(limit)), why.text());
    }
  }

  @Test
  void ofThoseThatSleepOnlySomeAreKeptInMemoryAndAllOfThemWake() throws Exception {
    SmallNode.Disk disk = new SmallNode.Disk();
    ResidenceLimits limits =
        ResidenceLimits.STANDARD.withIdleAfter(Duration.ofMillis(1)).withSleepersKept(2);
    try (SmallNode node = new SmallNode(disk, limits)) {
      List<DatabaseKey> keys = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        DatabaseKey key = node.publish("examples/chat/chat.wasm");
        call(node, key, "send_message", "[\"hello\"]");
        keys.add(key);
      }
      while (node.residence.residentCount() > 2) {
        node.residence.tick();
        LockSupport.parkNanos(1_000_000);
      }
      assertEquals(0, node.journal.figures().indexEntries(), "of what sleeps stored");
      for (DatabaseKey key : keys) {
        assertEquals(DatabaseState.ASLEEP, node.residence.state(key));
        assertTrue(node.residence.status(key).sizeBytes() > 0, "asked of the catalog");
      }
      assertTrue(node.residence.residentCount() <= 2, "asking for a state keeps nothing");
      for (DatabaseKey key : keys) {
        assertInstanceOf(CallResult.Committed.class, call(node, key, "send_message", "[\"up\"]"));
        assertEquals(2, sql(node, key, "SELECT * FROM message").rows().count());
      }
    }
  }

  /** Of one that has never been awake here, and so never fell asleep here either. */
  @Test
  void whoCouldNotWakeSinceTooManyWaitedIsLetGoOf() throws Exception {
    SmallNode.Disk disk = new SmallNode.Disk();
    DatabaseKey first;
    DatabaseKey second;
    try (SmallNode node = new SmallNode(disk, ResidenceLimits.STANDARD)) {
      first = node.publish("examples/chat/chat.wasm");
      second = node.publish("examples/chat/chat.wasm");
    }
    ResidenceLimits oneAtATime =
        ResidenceLimits.STANDARD.withWakes(new ResidenceLimits.Wakes(1, 0)).withSleepersKept(0);
    try (SmallNode node = new SmallNode(disk, oneAtATime)) {
      CountDownLatch held = node.holdWorkers();
      SmallNode.Awaited<HttpSql.Outcome> refused = new SmallNode.Awaited<>();
      try {
        node.residence.submit(first, WakeReason.SQL, new Look());
        node.residence.submit(
            second, WakeReason.SQL, new HttpSql(visitor(), "SELECT * FROM user", true, refused));
        assertThrows(CompletionException.class, refused::get);
        assertEquals(2, node.residence.residentCount());
        node.residence.tick();
        assertEquals(DatabaseState.WAKING, node.residence.state(first));
        assertEquals(1, node.residence.residentCount(), "nothing of the other is in memory");
      } finally {
        held.countDown();
      }
      assertEquals(0, sql(node, first, "SELECT * FROM message").rows().count());
      assertEquals(0, sql(node, second, "SELECT * FROM message").rows().count());
    }
  }

  /** Requests come while those that sleep are let go of: each is answered all the same. */
  @Test
  void whoComesWhileASleeperIsLetGoOfIsServed() throws Exception {
    ResidenceLimits limits =
        ResidenceLimits.STANDARD.withIdleAfter(Duration.ofNanos(1)).withSleepersKept(0);
    try (SmallNode node = new SmallNode(new SmallNode.Disk(), limits)) {
      DatabaseKey key = node.publish("examples/chat/chat.wasm");
      AtomicBoolean over = new AtomicBoolean();
      Thread ticker =
          new Thread(
              () -> {
                while (!over.get()) {
                  node.residence.tick();
                }
              });
      ticker.start();
      try {
        for (int i = 0; i < 50; i++) {
          assertInstanceOf(CallResult.Committed.class, call(node, key, "send_message", "[\"x\"]"));
        }
        assertEquals(50, sql(node, key, "SELECT * FROM message").rows().count());
      } finally {
        over.set(true);
        ticker.join();
      }
    }
  }
}
