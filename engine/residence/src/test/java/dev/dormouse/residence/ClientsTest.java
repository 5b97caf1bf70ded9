package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Database;
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
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

  private static void await(BooleanSupplier done) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited in vain");
      LockSupport.parkNanos(1_000_000);
    }
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
