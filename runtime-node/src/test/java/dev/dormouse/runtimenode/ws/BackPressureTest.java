package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ServerMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Slow clients harm nobody but themselves. */
final class BackPressureTest {
  private static final int SMALL_BUFFER = 4 << 10;
  private static final int MIB = 1 << 20;
  private static final long NODE_INCOMING = 40 * MIB;

  /** Of a binary frame, which is its message's last, of 32 MiB. */
  private static final byte[] HUGE_FRAME = {
    (byte) 0x82, (byte) (0x80 | 127), 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0
  };

  private static SocketLimits limits(
      SocketLimits of, int inFlight, int unprocessed, long outgoing, long nodeOutgoing) {
    return limits(of, inFlight, unprocessed, outgoing, nodeOutgoing, of.departuresMax());
  }

  private static SocketLimits limits(
      SocketLimits of,
      int inFlight,
      int unprocessed,
      long outgoing,
      long nodeOutgoing,
      int departuresMax) {
    return new SocketLimits(
        of.protocol(),
        inFlight,
        unprocessed,
        of.inlineDecodeBytes(),
        outgoing,
        of.messageBytes(),
        of.keptBufferBytes(),
        of.fragmentBytes(),
        nodeOutgoing,
        NODE_INCOMING,
        of.uncountedBytes(),
        of.pingInterval(),
        of.idleTimeout(),
        of.closeTimeout(),
        departuresMax,
        of.namesKept(),
        of.leaveDelay(),
        of.retryDelay());
  }

  private static TestNode node(long outgoing, long nodeOutgoing) {
    return new TestNode(
        of -> limits(of, of.inFlight(), of.unprocessedBytes(), outgoing, nodeOutgoing));
  }

  @Test
  void aSlowReaderIsCutOffAtItsLimitWhileOthersGoOn() {
    try (TestNode node = node(1 << 20, 1 << 30);
        RawClient slow = node.upgrade("compression=None", TestNode.V3, SMALL_BUFFER);
        ChatClient fast = node.connect("compression=None");
        ChatClient writer = node.connect("")) {
      var slowly = new ChatClient(slow);
      slowly.subscribe(1, ChatClient.MESSAGES);
      fast.subscribe(1, ChatClient.MESSAGES);
      String text = "x".repeat(100_000);
      int said = 0;
      while (node.sockets.count() == 3) {
        assertTrue(said < 1_000, "never cut off");
        writer.say(text);
        assertEquals(List.of(text), fast.nextTexts());
        said++;
      }
      assertTrue(said >= 10, "cut off after " + said + " messages of 100 kB");
      writer.say("go on");
      assertEquals(List.of("go on"), fast.nextTexts());
      assertEquals(RawClient.End.WITHOUT_FRAME, slow.end());
      Await.until("nothing waits", () -> node.sockets.outgoingBytes() == 0);
    }
  }

  @Test
  void overTheNodesTotalTheLargestIsCutOff() {
    try (TestNode node = node(1L << 30, 4 << 20);
        ChatClient worst =
            new ChatClient(node.upgrade("compression=None", TestNode.V3, SMALL_BUFFER));
        ChatClient bad =
            new ChatClient(node.upgrade("compression=None", TestNode.V3, SMALL_BUFFER));
        ChatClient writer = node.connect("")) {
      worst.subscribe(1, ChatClient.MESSAGES);
      worst.subscribe(2, ChatClient.MESSAGES);
      bad.subscribe(1, ChatClient.MESSAGES);
      String text = "x".repeat(100_000);
      while (node.sockets.count() == 3) {
        writer.say(text);
      }
      assertEquals(RawClient.End.WITHOUT_FRAME, worst.raw.end());
      assertEquals(text, bad.nextTexts().getFirst());
    }
  }

  @Test
  void overTheNodesTotalOfWhatWasReceivedTheLargestIsClosed() {
    try (TestNode node = node(1 << 30, 1 << 30);
        RawClient worst = node.upgrade("", TestNode.V2);
        RawClient bad = node.upgrade("", TestNode.V2);
        RawClient one = node.upgrade("", TestNode.V2);
        ChatClient good = node.connect("")) {
      worst.raw(HUGE_FRAME);
      worst.raw(new byte[25 * MIB]); // 7 MiB are missing.
      byte[] question = RawClient.encoded(ChatClient.ask(7, "x".repeat(14 * MIB)));
      bad.frame(RawClient.BINARY, false, Arrays.copyOf(question, 10 * MIB));
      Await.until("both wait", () -> node.sockets.incomingBytes() >= 35 * MIB);
      assertTrue(node.sockets.isPressed());
      good.say("nobody waits");
      bad.frame(
          RawClient.CONTINUATION, true, Arrays.copyOfRange(question, 10 * MIB, question.length));
      bad.message(ServerMessage.InitialConnection.class);
      // 50,000 bytes of query are the limit.
      assertEquals(7, bad.message(ServerMessage.OneOffQueryResult.class).requestId());
      one.raw(HUGE_FRAME);
      one.raw(new byte[20 * MIB]);
      RawClient.End end = worst.end();
      assertEquals(1013, end.code());
      assertEquals(
          "all clients have sent more than 41943040 bytes that wait, this one most; try again",
          end.reason());
      assertTrue(bad.isSilent());
      assertEquals(3, node.sockets.count());
      good.say("nobody was hurt");
    }
  }

  @Test
  void whatIsAnsweredDoesNotCountAnyMore() {
    try (TestNode node = node(1 << 30, 1 << 30);
        RawClient raw = node.upgrade("", TestNode.V2)) {
      raw.message(ServerMessage.InitialConnection.class);
      node.sleep();
      node.holdWakes();
      raw.send(ChatClient.ask(1, "x".repeat(8 * MIB)));
      Await.until("it waits", () -> node.sockets.incomingBytes() >= 8 * MIB);
      node.releaseWakes();
      assertEquals(1, raw.message(ServerMessage.OneOffQueryResult.class).requestId());
      Await.until("nothing counts", () -> node.sockets.incomingBytes() == 0);
      try (RawClient gone = node.upgrade("", TestNode.V2)) {
        gone.raw(HUGE_FRAME);
        gone.raw(new byte[MIB]);
        Await.until("a part of a frame counts", () -> node.sockets.incomingBytes() > MIB);
      }
      Await.until("who is gone does not count", () -> node.sockets.incomingBytes() == 0);
    }
  }

  @Test
  void whileTooManyHaveLeftUnheardNobodyIsLetInAndNoneIsForgotten() {
    try (TestNode node =
        new TestNode(
            of ->
                limits(
                    of,
                    of.inFlight(),
                    of.unprocessedBytes(),
                    of.outgoingBytes(),
                    of.nodeOutgoingBytes(),
                    1))) {
      try (ChatClient ann = node.connect("")) {
        ann.say("and off");
        node.sleep();
      }
      Await.until("she has left", () -> node.sockets.count() == 0);
      try (RawClient late = node.upgrade("", TestNode.V2)) {
        assertEquals(
            new RawClient.End(
                1013,
                "1 clients have left whose databases have not heard of it, which is the limit; try again"),
            late.end());
      }
      node.sockets.tick(); // Her time to wait for others is not over, but she is too many.
      try (ChatClient bob = node.connect("")) {
        bob.say("back");
      }
    }
  }

  @Test
  void aClientThatAsksFasterThanItListensIsNotReadAndNotCutOff() throws InterruptedException {
    try (TestNode node =
            new TestNode(of -> limits(of, 16, 10_000, of.outgoingBytes(), of.nodeOutgoingBytes()));
        RawClient raw = node.upgrade("compression=None", TestNode.V2, SMALL_BUFFER)) {
      var ann = new ChatClient(raw);
      ann.say("x".repeat(200_000));
      int count = 300;
      Thread asking =
          new Thread(
              () -> {
                for (int i = 0; i < count; i++) {
                  raw.send(ChatClient.ask(i, ChatClient.MESSAGES));
                }
              });
      asking.start();
      // 60 MB of answers, none of which is read before all questions are asked or stuck.
      asking.join(200);
      for (int i = 0; i < count; i++) {
        assertEquals(i, raw.message(ServerMessage.OneOffQueryResult.class).requestId());
      }
      asking.join();
    }
  }

  @Test
  void moreMessagesThanMayWaitEndTheConnection() {
    try (TestNode node =
            new TestNode(
                of -> limits(of, 1, 64 << 20, of.outgoingBytes(), of.nodeOutgoingBytes()));
        RawClient raw = node.upgrade("", TestNode.V2)) {
      raw.message(ServerMessage.InitialConnection.class);
      node.sleep();
      node.holdWakes();
      byte[] call = RawClient.encoded(ChatClient.say(1, "again"));
      for (int i = 0; i < node.limits.protocol().incomingMessagesMax() + 3; i++) {
        raw.frame(RawClient.BINARY, true, call);
      }
      assertEquals(new RawClient.End(1013, "too many requests"), raw.end());
      node.releaseWakes();
    }
  }

  @Test
  void manyClientsGetEachTheirOwnAnswersInOrder() throws InterruptedException {
    try (TestNode node = new TestNode(of -> limits(of, 64, 20_000, 64 << 20, 1 << 30))) {
      List<ChatClient> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(node.connect(i % 2 == 0 ? "" : "confirmed=false"));
      }
      int frames = 40;
      int perFrame = 25;
      List<Thread> senders = new ArrayList<>();
      for (ChatClient client : clients) {
        senders.add(
            new Thread(
                () -> {
                  for (int frame = 0; frame < frames; frame++) {
                    int first = frame * perFrame;
                    client.raw.send(
                        IntStream.range(first, first + perFrame)
                            .mapToObj(
                                id ->
                                    id % 5 == 0
                                        ? ChatClient.ask(id, "SELECT * FROM user")
                                        : ChatClient.say(id, id % 7 == 0 ? "" : "t"))
                            .toArray(ClientMessage[]::new));
                  }
                }));
      }
      senders.forEach(Thread::start);
      for (ChatClient client : clients) {
        for (int id = 0; id < frames * perFrame; id++) {
          int answered =
              switch (client.raw.message()) {
                case ServerMessage.ReducerResult result -> result.requestId();
                case ServerMessage.OneOffQueryResult result -> result.requestId();
                case ServerMessage other -> throw new AssertionError(other.toString());
              };
          assertEquals(id, answered);
        }
      }
      for (Thread sender : senders) {
        sender.join();
      }
    }
  }
}
