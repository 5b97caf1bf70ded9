package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.ClientSubscribe;
import dev.dormouse.database.Database;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.database.HeldSet;
import dev.dormouse.database.HttpCall;
import dev.dormouse.database.HttpSql;
import dev.dormouse.database.Join;
import dev.dormouse.database.Leave;
import dev.dormouse.database.Look;
import dev.dormouse.database.Reply;
import dev.dormouse.database.Submission;
import dev.dormouse.database.Visitor;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that come, are told, and go, of a database with a real module. */
final class ClientsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private SmallNode node;
  private DatabaseKey key;

  @BeforeEach
  void start() throws Exception {
    node = new SmallNode(new SmallNode.Disk(), ResidenceLimits.STANDARD);
    key = node.publish("examples/chat/chat.wasm");
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private <L extends Listener> L joined(L client) throws InterruptedException {
    node.residence.submit(key, WakeReason.CONNECT, new Join(client));
    assertEquals("connected", client.next());
    return client;
  }

  private int online() {
    SmallNode.Awaited<HttpSql.Outcome> answer = new SmallNode.Awaited<>();
    Visitor visitor = new Visitor(Identity.fromClaims("test", "eve"), new ConnectionId(1, 7), "{}");
    node.residence.submit(
        key,
        WakeReason.SQL,
        new HttpSql(visitor, "SELECT * FROM user WHERE online = true", true, answer));
    return assertInstanceOf(HttpSql.Outcome.Result.class, answer.get()).rows().count() - 1;
  }

  /** Holds a lane from within an answer. */
  private static final class Holding implements Reply<Long> {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch over = new CountDownLatch(1);

    @Override
    public void done(Long offset) {
      begun.countDown();
      try {
        over.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void refused(EngineException why) {
      throw new IllegalStateException(why);
    }
  }

  private void subscribed(Listener client) throws InterruptedException {
    HeldSet messages = new HeldSet(new QuerySetId(1), List.of("SELECT * FROM message"));
    node.residence.submit(key, WakeReason.MESSAGE, ClientSubscribe.one(client, 1, messages));
    assertEquals("subscribed", client.next());
  }

  private SmallNode.Awaited<CallResult> call(String text) {
    SmallNode.Awaited<CallResult> answer = new SmallNode.Awaited<>();
    Visitor visitor = new Visitor(Identity.fromClaims("test", "eve"), new ConnectionId(1, 7), "{}");
    node.residence.submit(
        key,
        WakeReason.CALL,
        new HttpCall(
            visitor,
            "send_message",
            new Arguments.Json(("[\"" + text + "\"]").getBytes(StandardCharsets.UTF_8)),
            answer));
    return answer;
  }

  private CallResult say(String text) {
    return call(text).get();
  }

  /** Throws whenever it is told of a change, or flushed after it. */
  private static final class Broken extends Listener {
    private final boolean atFlush;
    private boolean changed;

    Broken(String name, boolean atFlush) {
      super(name);
      this.atFlush = atFlush;
    }

    @Override
    public void changed(List<SetDelta<EncodedUpdate>> changes, long offset) {
      changed = true;
      if (!atFlush) {
        throw new IllegalStateException("broken");
      }
    }

    @Override
    public boolean flush(long durable) {
      if (changed && atFlush) {
        changed = false;
        throw new IllegalStateException("broken");
      }
      return super.flush(durable);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aClientThatCannotBeToldIsEndedAndAllOthersAreTold(boolean atFlush) throws Exception {
    Listener ann = joined(new Listener("ann"));
    Broken bob = joined(new Broken("bob", atFlush));
    Listener carol = joined(new Listener("carol"));
    for (Listener each : List.of(ann, bob, carol)) {
      subscribed(each);
    }
    Database before = node.residence.serving(key).orElseThrow();
    for (int i = 0; i < 2; i++) {
      assertInstanceOf(CallResult.Committed.class, say("hello"));
      assertEquals("changed", ann.next());
      assertEquals("changed", carol.next());
    }
    assertEquals("ended: the server failed to tell of a change", bob.next());
    assertTrue(bob.hasHeardAll());
    assertSame(before, node.residence.serving(key).orElseThrow());
    node.residence.submit(key, WakeReason.DISCONNECT, new Leave(bob)); // As its edge would.
    assertEquals(2, online());
  }

  private static void await(BooleanSupplier done) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited in vain");
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void anErrorWhileClientsAreToldEndsTheLifeAndNothingIsAnsweredWrongly() throws Exception {
    Listener ann =
        joined(
            new Listener("ann") {
              @Override
              public void changed(List<SetDelta<EncodedUpdate>> changes, long offset) {
                throw new OutOfMemoryError("a test");
              }
            });
    subscribed(ann);
    SmallNode.Awaited<CallResult> answer = call("hello");
    assertThrows(CompletionException.class, answer::get, "nobody may be told that it did not run");
    await(() -> node.residence.state(key) == DatabaseState.FAILED);
    assertEquals(
        Optional.of("an error broke off the telling of a commit"),
        node.residence.status(key).failure());
  }

  @Test
  void whoLeavesAFullQueueIsGone() throws Exception {
    Listener ann = joined(new Listener("ann"));
    assertEquals(1, online());
    Database database = node.residence.serving(key).orElseThrow();
    Holding holding = new Holding();
    try {
      database.whenAllDurable(holding);
      holding.begun.await();
      while (database.submit(new Look()) == Submission.QUEUED) {}
      node.residence.submit(key, WakeReason.DISCONNECT, new Leave(ann));
    } finally {
      holding.over.countDown();
    }
    await(() -> database.submit(new Look()) == Submission.QUEUED);
    assertEquals(0, online());
  }
}
