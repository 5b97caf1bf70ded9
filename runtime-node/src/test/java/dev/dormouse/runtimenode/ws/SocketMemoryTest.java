package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.residence.ResidenceLimits;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients send and are told takes of the memory that databases take of. */
@Timeout(60)
final class SocketMemoryTest {
  private static final int MIB = 1 << 20;
  private static final int SMALL_BUFFER = 4 << 10;
  private static final byte[] HUGE_FRAME = {
    (byte) 0x82, (byte) 0xff, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0
  };

  private static TestNode node(MemoryBudget memory) {
    return new TestNode(UnaryOperator.identity(), ResidenceLimits.STANDARD, memory);
  }

  private static SocketLimits withTotals(SocketLimits of, long outgoing, long incoming) {
    return new SocketLimits(
        of.protocol(),
        of.inFlight(),
        of.unprocessedBytes(),
        of.inlineDecodeBytes(),
        of.outgoingBytes(),
        of.messageBytes(),
        of.keptBufferBytes(),
        of.fragmentBytes(),
        outgoing,
        incoming,
        of.uncountedBytes(),
        of.pingInterval(),
        of.idleTimeout(),
        of.closeTimeout(),
        of.departuresMax(),
        of.namesKept(),
        of.leaveDelay(),
        of.retryDelay());
  }

  private static void fill(ChatClient writer, int mebibytes) {
    for (int i = 0; i < mebibytes; i++) {
      writer.say("x".repeat(MIB));
    }
  }

  @Test
  void whatWaitsForAClientCountsWithTheDatabasesAndTheOneWithMostGoes() {
    MemoryBudget memory = new MemoryBudget(64 * MIB, 10 * MIB);
    try (TestNode node = node(memory);
        ChatClient slow =
            new ChatClient(node.upgrade("compression=None", TestNode.V3, SMALL_BUFFER));
        ChatClient writer = node.connect("");
        MemoryAccount databases = memory.open()) {
      slow.subscribe(1, ChatClient.MESSAGES);
      databases.cover(30 * MIB, "other databases");
      int said = 0;
      while (node.sockets.count() == 2) {
        assertTrue(said < 1_000, "never cut off");
        writer.say("x".repeat(100_000));
        said++;
      }
      assertEquals(RawClient.End.WITHOUT_FRAME, slow.raw.end());
      assertTrue(memory.chargedBytes() <= memory.limitBytes(), memory.chargedBytes() + " bytes");
      Await.until("nothing waits", () -> node.sockets.outgoingBytes() == 0);
      writer.say("go on");
    }
  }

  @Test
  void whoAsksForMoreThanThereIsGoesAndNobodyWithLess() {
    try (TestNode node = new TestNode(of -> withTotals(of, 5 * MIB, 64 * MIB));
        ChatClient writer = node.connect("");
        ChatClient bystander =
            new ChatClient(node.upgrade("compression=None", TestNode.V3, SMALL_BUFFER))) {
      bystander.subscribe(1, ChatClient.MESSAGES);
      fill(writer, 2); // The bystander does not read them.
      for (int i = 0; i < 4; i++) {
        writer.raw.send(ChatClient.say(i, "x".repeat(MIB)));
        writer.said();
      }
      int open = node.sockets.count();
      try (RawClient greedy = node.upgrade("compression=None", TestNode.V3)) {
        greedy.message(ServerMessage.InitialConnection.class);
        greedy.send(new ClientMessage.Subscribe(1, 1, List.of(ChatClient.MESSAGES)));
        assertEquals(RawClient.End.WITHOUT_FRAME, greedy.end());
      }
      Await.until("only it has gone", () -> node.sockets.count() == open);
      assertEquals(MIB, bystander.nextTexts().getFirst().length());
    }
  }

  @Test
  void whatIsReceivedCountsWithTheDatabasesAndTheOneWithMostIsToldSo() {
    MemoryBudget memory = new MemoryBudget(64 * MIB);
    try (TestNode node = node(memory);
        RawClient worst = node.upgrade("", TestNode.V2);
        RawClient small = node.upgrade("", TestNode.V2);
        ChatClient good = node.connect("");
        MemoryAccount databases = memory.open()) {
      databases.cover(48 * MIB, "other databases");
      small.raw(HUGE_FRAME);
      small.raw(new byte[4 * MIB]);
      Await.until("it waits", () -> node.sockets.incomingBytes() >= 4 * MIB);
      worst.raw(HUGE_FRAME);
      worst.raw(new byte[16 * MIB]);
      assertEquals(
          new RawClient.End(
              1013,
              "node memory: clients have sent more than fits beside databases, this one most; try"
                  + " again"),
          worst.end());
      Await.until("it is gone", () -> memory.chargedBytes() <= memory.limitBytes());
      good.say("nobody was hurt");
      small.message(ServerMessage.InitialConnection.class);
      assertTrue(small.isSilent());
    }
  }

  private static ClientMessage subscribe(int set, int queries, int characters) {
    return new ClientMessage.Subscribe(
        set,
        set,
        IntStream.range(0, queries)
            .mapToObj(
                i ->
                    "SELECT * FROM message WHERE text = '%s%d'"
                        .formatted("x".repeat(characters), set * queries + i))
            .toList());
  }

  @Test
  void theQueriesThatAClientHoldsCountAsLongAsItHoldsThem() {
    try (TestNode node = new TestNode(of -> withTotals(of, 64 * MIB, 40 * MIB));
        RawClient hoarder = node.upgrade("", TestNode.V2);
        ChatClient good = node.connect("")) {
      hoarder.message(ServerMessage.InitialConnection.class);
      hoarder.send(subscribe(1, 100, 10_000));
      hoarder.message(ServerMessage.SubscribeApplied.class);
      Await.until("they count", () -> node.sockets.incomingBytes() >= 2_000_000);
      hoarder.send(new ClientMessage.Unsubscribe(2, 1, false));
      hoarder.message(ServerMessage.UnsubscribeApplied.class);
      Await.until("they do not", () -> node.sockets.incomingBytes() == 0);
      // Each set holds 2 MB, and sends half of that.
      for (int set = 3; node.sockets.incomingBytes() < 37 * MIB; set++) {
        hoarder.send(subscribe(set, 100, 10_000));
        hoarder.message(ServerMessage.SubscribeApplied.class);
      }
      hoarder.send(subscribe(100, 200, 10_000));
      assertEquals(
          new RawClient.End(
              1013,
              "all clients have sent more than 41943040 bytes that wait, this one most; try again"),
          hoarder.end());
      good.say("nobody was hurt");
      Await.until("they are gone", () -> node.sockets.incomingBytes() == 0);
    }
  }
}
