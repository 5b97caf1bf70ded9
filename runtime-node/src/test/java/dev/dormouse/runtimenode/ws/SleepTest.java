package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Look;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.Closing;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.residence.DatabaseState;
import dev.dormouse.residence.ResidenceLimits;
import dev.dormouse.residence.WakeReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets outlive the sleep of their database; databases outlive their sockets. */
final class SleepTest {
  private static final String SESSION = "session_id=00112233445566778899aabbccddeeff";
  private static final String CONNECTION = "connection_id=ffeeddccbbaa99887766554433221100";

  /**
   * Goes by while a test waits for a departure: a socket is gone a moment before it is written down
   * when its database is to hear of it.
   */
  private static final Duration A_MOMENT = Duration.ofMillis(1);

  /** How often a restless database is to be seen asleep. */
  private static final int SLEEPS = 10;

  private TestNode node;

  @BeforeEach
  void start() {
    node = new TestNode();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private WakeReason lastWake() {
    return node.residence.status(node.key()).lastWake().orElseThrow().by();
  }

  @Test
  void aMessageWakesAndTheSubscriptionsAreStillThere() {
    try (ChatClient ann = node.connect("");
        ChatClient bob = node.connect("")) {
      ann.subscribe(1, ChatClient.MESSAGES);
      ann.subscribe(2, ChatClient.USERS);
      ann.raw.send(new ClientMessage.Unsubscribe(1, 2, false));
      ann.raw.message(ServerMessage.UnsubscribeApplied.class);
      bob.subscribe(3, ChatClient.MESSAGES);
      for (int life = 0; life < 3; life++) {
        node.sleep();
        assertTrue(ann.raw.isSilent() && bob.raw.isSilent());
        var own = bob.say("life " + life);
        assertEquals(3, own.getFirst().querySetId());
        assertEquals(List.of("life " + life), ann.nextTexts());
        assertEquals(WakeReason.MESSAGE, lastWake());
      }
      ann.subscribe(2, ChatClient.USERS); // The id is free, and no second join was seen.
      assertEquals(2, ChatClient.online(bob.rows(ChatClient.USERS)).size());
    }
  }

  @Test
  void whatBecomesDurableLaterIsNoUse() {
    try (ChatClient ann = node.connect("");
        ChatClient bob = node.connect("confirmed=false")) {
      bob.subscribe(1, ChatClient.MESSAGES);
      node.holdLog();
      ann.raw.send(ChatClient.say(1, "used now"));
      assertEquals(List.of("used now"), bob.nextTexts());
      node.clock.addAndGet(ResidenceLimits.STANDARD.idleAfter().multipliedBy(2).toNanos());
      node.residence.tick(); // It cannot sleep yet, and is not kept awake by being asked to.
      node.releaseLog();
      ann.said();
      Await.until(
          "it sleeps at the next look",
          () -> {
            node.residence.tick();
            return node.state() == DatabaseState.ASLEEP;
          });
    }
  }

  @Test
  void manyMessagesToASleeperAreAnsweredInOrder() {
    try (ChatClient ann = node.connect("")) {
      node.sleep();
      for (int frame = 0; frame < 20; frame++) {
        int first = frame * 100;
        ann.raw.send(
            IntStream.range(first, first + 100)
                .mapToObj(id -> ChatClient.say(id, "t"))
                .toArray(ClientMessage[]::new));
      }
      for (int id = 0; id < 2_000; id++) {
        assertEquals(id, ann.raw.message(ServerMessage.ReducerResult.class).requestId());
      }
    }
  }

  @Test
  void messagesMayBeSentBeforeTheDatabaseIsAwake() {
    node.sleep();
    try (RawClient raw = node.upgrade("", TestNode.V3)) {
      raw.send(
          new ClientMessage.Subscribe(1, 1, List.of(ChatClient.MESSAGES)),
          ChatClient.say(2, "early"));
      assertInstanceOf(ServerMessage.InitialConnection.class, raw.message());
      assertInstanceOf(ServerMessage.SubscribeApplied.class, raw.message());
      assertInstanceOf(ServerMessage.ReducerResult.class, raw.message());
      assertEquals(WakeReason.CONNECT, lastWake());
    }
  }

  /** Sleeps as often as it can, so that messages come in every state that a database can be in. */
  @Test
  void whateverItsStateEveryMessageIsAnsweredInOrder() throws InterruptedException {
    var restless = ResidenceLimits.STANDARD.withIdleAfter(Duration.ofMillis(1));
    try (TestNode drowsy = new TestNode(UnaryOperator.identity(), restless)) {
      List<Thread> talks = new ArrayList<>();
      var failures = new ConcurrentLinkedQueue<Throwable>();
      var sleeps = new AtomicInteger();
      for (int i = 0; i < 4; i++) {
        boolean confirmed = i % 2 == 0;
        talks.add(
            new Thread(
                () -> {
                  try (ChatClient client = drowsy.connect("confirmed=" + confirmed)) {
                    talk(client, sleeps);
                  }
                }));
      }
      talks.forEach(
          talk -> {
            talk.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
            talk.start();
          });
      while (talks.stream().anyMatch(Thread::isAlive)) {
        DatabaseState state = drowsy.state();
        if (state == DatabaseState.SERVING) { // Else no time passes: nobody waits too long.
          drowsy.clock.addAndGet(2_000_000);
          drowsy.residence.tick();
        } else if (state == DatabaseState.ASLEEP) {
          sleeps.incrementAndGet();
        }
        LockSupport.parkNanos(100_000);
      }
      for (Throwable failure : failures) {
        throw new AssertionError("a talk broke off", failure);
      }
      assertTrue(sleeps.get() >= SLEEPS, "slept " + sleeps + " times");
    }
  }

  private static void talk(ChatClient client, AtomicInteger sleeps) {
    for (int round = 0; round < 40 || (sleeps.get() < SLEEPS && round < 4_000); round++) {
      int frames = 1 + round % 3;
      for (int frame = 0; frame < frames; frame++) {
        int first = 10 * frame;
        client.raw.send(
            IntStream.range(first, first + 10)
                .mapToObj(id -> ChatClient.say(id, "t"))
                .toArray(ClientMessage[]::new));
      }
      for (int id = 0; id < 10 * frames; id++) {
        assertEquals(id, client.raw.message(ServerMessage.ReducerResult.class).requestId());
      }
      LockSupport.parkNanos(500_000L * (round % 5));
    }
  }

  @Test
  void thoseWhoLeaveASleeperWakeItTogether() {
    ChatClient ann = node.connect("");
    ChatClient bob = node.connect("");
    node.sleep();
    ann.close();
    bob.close();
    Await.until("both ends are noticed", () -> node.sockets.count() == 0);
    node.sockets.tick();
    assertEquals(DatabaseState.ASLEEP, node.state());
    node.pass(Duration.ofSeconds(2));
    Await.until(
        "it is awake",
        () -> {
          node.pass(A_MOMENT);
          return node.state() == DatabaseState.SERVING;
        });
    assertEquals(WakeReason.DISCONNECT, lastWake());
    try (ChatClient carol = node.connect("")) {
      assertEquals(List.of(carol.identity()), ChatClient.online(carol.rows(ChatClient.USERS)));
    }
  }

  @Test
  void whoLeavesASleeperIsHeardOfAlsoIfTooManyWaitToWake() {
    ResidenceLimits oneAtATime =
        ResidenceLimits.STANDARD.withWakes(new ResidenceLimits.Wakes(1, 0));
    try (TestNode busy = new TestNode(UnaryOperator.identity(), oneAtATime)) {
      DatabaseKey other = busy.publish("other", "examples/chat/chat.wasm");
      ChatClient ann = busy.connect("");
      ann.subscribe(1, ChatClient.MESSAGES);
      busy.sleep();
      Await.until(
          "the other sleeps",
          () -> {
            busy.residence.tick();
            return busy.residence.state(other) == DatabaseState.ASLEEP;
          });
      busy.holdWakes();
      busy.residence.submit(other, WakeReason.UPKEEP, new Look());
      ann.close();
      Await.until("the end is noticed", () -> busy.sockets.count() == 0);
      busy.pass(Duration.ofSeconds(2));
      assertEquals(DatabaseState.ASLEEP, busy.state(), "there is no room for its wake");
      busy.releaseWakes();
      Await.until(
          "it wakes all the same",
          () -> {
            busy.pass(A_MOMENT);
            busy.residence.tick();
            return busy.state() == DatabaseState.SERVING;
          });
      assertEquals(
          WakeReason.DISCONNECT, busy.residence.status(busy.key()).lastWake().orElseThrow().by());
      try (ChatClient carol = busy.connect("")) {
        assertEquals(List.of(carol.identity()), ChatClient.online(carol.rows(ChatClient.USERS)));
      }
    }
  }

  @Test
  void whoLeftASleeperIsGoneWhenItWakesForAnotherReason() {
    ChatClient ann = node.connect("");
    node.sleep();
    ann.close();
    Await.until("the end is noticed", () -> node.sockets.count() == 0);
    try (ChatClient bob = node.connect("")) {
      assertEquals(List.of(bob.identity()), ChatClient.online(bob.rows(ChatClient.USERS)));
      node.pass(Duration.ofSeconds(2)); // Said twice, heard once.
      assertEquals(List.of(bob.identity()), ChatClient.online(bob.rows(ChatClient.USERS)));
    }
  }

  @Test
  void aSecondConnectionOfASessionEndsBoth() {
    String query = "token=ann&" + SESSION;
    try (ChatClient holder = node.connect(query);
        ChatClient watcher = node.connect("token=watcher&" + SESSION)) {
      watcher.subscribe(1, ChatClient.USERS);
      try (RawClient newcomer = node.upgrade(query, TestNode.V3)) {
        assertEquals(Closing.SESSION_IN_USE.code(), newcomer.end().code());
        assertTrue(newcomer.payloads.isEmpty(), "client_connected did not run");
      }
      assertEquals(Closing.SESSION_IN_USE.code(), holder.raw.end().code());
      watcher.raw.message(ServerMessage.TransactionUpdate.class); // The holder has gone.
      try (ChatClient again = node.connect(query)) {
        assertEquals(TestNode.identity("ann"), again.identity());
        assertEquals(2, ChatClient.online(again.rows(ChatClient.USERS)).size());
      }
    }
  }

  @Test
  void aSessionIsFreeOnceItsHolderHasLeftASleeper() {
    String query = "token=ann&" + SESSION;
    ChatClient holder = node.connect(query);
    node.sleep();
    holder.close();
    Await.until("the end is noticed", () -> node.sockets.count() == 0);
    try (RawClient early = node.upgrade(query, TestNode.V3)) {
      assertEquals(Closing.SESSION_IN_USE.code(), early.end().code());
    }
    node.connect(query).close();
  }

  @Test
  void whoComesBackWithItsConnectionIdReplacesItsDeadSocket() {
    String query = "token=ann&" + CONNECTION;
    for (boolean asleep : List.of(false, true)) {
      try (ChatClient dead = node.connect(query)) {
        if (asleep) {
          node.sleep();
        }
        try (ChatClient back = node.connect(query)) {
          assertEquals(dead.first.connectionId(), back.first.connectionId());
          assertEquals(RawClient.End.WITHOUT_FRAME, dead.raw.end());
          back.say("I am back");
          assertEquals(List.of(back.identity()), ChatClient.online(back.rows(ChatClient.USERS)));
          assertEquals(1, node.sockets.count());
        }
      }
      Await.until("all have left", () -> node.sockets.count() == 0);
    }
  }

  @Test
  void aDeletedDatabaseClosesItsSockets() {
    try (ChatClient ann = node.connect("");
        ChatClient bob = new ChatClient(node.upgrade("", TestNode.V2))) {
      node.residence.delete(node.key());
      assertEquals(new RawClient.End(1001, "module exited"), ann.raw.end());
      assertEquals(new RawClient.End(1001, "module exited"), bob.raw.end());
      assertEquals(0, node.sockets.count());
      node.pass(Duration.ofSeconds(5));
      assertFalse(node.residence.serving(node.key()).isPresent());
    }
  }

  @Test
  void aStoppingNodeClosesItsSocketsAndTakesNoMore() {
    try (ChatClient ann = node.connect("")) {
      node.sockets.closeAll();
      assertEquals(1001, ann.raw.end().code());
      try (RawClient late = node.upgrade("", TestNode.V3)) {
        assertEquals(1001, late.end().code());
      }
    }
  }

  @Test
  void aDatabaseThatCannotBeOpenedLetsNobodyIn() {
    node.names.put("ghost", new DatabaseKey(TestNode.OWNER, node.key().generation()));
    try (RawClient client =
        node.request("GET", "ghost", "", TestNode.upgradeHeaders(TestNode.V3))) {
      assertEquals(101, client.status);
      client.end();
      assertTrue(client.payloads.isEmpty());
      assertEquals(0, node.sockets.count());
    }
  }
}
