package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ServerMessage;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is there, who is not any more, and how connections end. Source: spec client-protocol §16. */
final class LivenessTest {
  private static final Duration PING_INTERVAL = Duration.ofSeconds(15);
  private static final Duration ALMOST = Duration.ofMillis(14_900);

  private static TestNode node;

  @BeforeAll
  static void start() {
    node = new TestNode();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static void readPing(RawClient client, int total) {
    while (client.pings < total) {
      client.frame();
    }
  }

  @Test
  void theServerPingsAtOnceAndThenOnlyIfTheLastPingWasAnswered() {
    try (RawClient client = node.upgrade("", TestNode.V3)) {
      client.answersPings = false;
      readPing(client, 1);
      client.message(ServerMessage.InitialConnection.class);
      node.pass(PING_INTERVAL);
      node.pass(Duration.ofSeconds(1));
      client.frame(RawClient.PING, true, new byte[] {7});
      RawClient.Frame pong = client.frame();
      assertEquals(RawClient.PONG, pong.opcode(), "no second ping before the first is answered");
      client.frame(RawClient.PONG, true, new byte[0]);
      client.send(ChatClient.say(1, "heard"));
      client.message(ServerMessage.ReducerResult.class);
      node.pass(Duration.ofSeconds(1));
      readPing(client, 2);
    }
  }

  @Test
  void aClientThatIsSilentFor30SecondsIsDropped() {
    try (RawClient client = node.upgrade("", TestNode.V3)) {
      client.answersPings = false;
      client.message(ServerMessage.InitialConnection.class);
      node.pass(ALMOST);
      node.pass(ALMOST);
      assertEquals(1, node.sockets.count());
      node.pass(Duration.ofSeconds(1));
      assertEquals(RawClient.End.WITHOUT_FRAME, client.end());
      assertEquals(0, node.sockets.count());
    }
  }

  @Test
  void pongsKeepAClientAlive() {
    try (RawClient client = node.upgrade("", TestNode.V3)) {
      client.message(ServerMessage.InitialConnection.class);
      readPing(client, 1);
      // Its lane may not have come to count it as written, and half a minute is nothing here.
      Await.until("nothing waits for it", () -> node.sockets.outgoingBytes() == 0);
      for (int ping = 2; ping < 8; ping++) {
        client.frame(RawClient.PING, true, new byte[0]);
        while (client.frame().opcode() != RawClient.PONG) {} // The pong before it was heard.
        node.pass(PING_INTERVAL);
        readPing(client, ping);
      }
      assertEquals(1, node.sockets.count());
    }
  }

  @Test
  void aClosedTcpConnectionIsAnEnd() {
    RawClient client = node.upgrade("", TestNode.V3);
    client.message(ServerMessage.InitialConnection.class);
    client.close();
    Await.until("the end is noticed", () -> node.sockets.count() == 0);
  }

  @Test
  void aCloseIsEchoed() {
    try (RawClient client = node.upgrade("", TestNode.V3)) {
      client.message(ServerMessage.InitialConnection.class);
      client.frame(RawClient.CLOSE, true, new byte[] {3, (byte) 0xe8});
      assertEquals(1000, client.end().code());
    }
  }

  @Test
  void whoDoesNotAnswerACloseIsDropped() {
    try (RawClient client = node.upgrade("", TestNode.V3)) {
      client.frame(RawClient.TEXT, true, new byte[] {'{', '}'});
      assertEquals(1011, client.end().code());
      client.send(ChatClient.say(1, "thrown away"));
      assertEquals(RawClient.End.WITHOUT_FRAME, client.end());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TestNode.V3, TestNode.V2})
  void undecodableMessagesEndTheConnection(String protocol) {
    byte[] valid = RawClient.encoded(ChatClient.say(1, "valid"));
    for (byte[] payload :
        new byte[][] {
          {}, {(byte) 0xff}, java.util.Arrays.copyOf(valid, valid.length - 1), {4, 1, 0, 0, 0, 1}
        }) {
      try (RawClient client = node.upgrade("", protocol)) {
        client.message(ServerMessage.InitialConnection.class);
        client.frame(RawClient.BINARY, true, payload);
        RawClient.End end = client.end();
        assertEquals(1011, end.code(), end.reason());
        assertFalse(end.reason().isEmpty());
      }
    }
  }

  @Test
  void whatCameBeforeTheUndecodableStillRuns() {
    try (ChatClient ann = node.connect("");
        ChatClient watcher = node.connect("")) {
      watcher.subscribe(1, ChatClient.MESSAGES);
      byte[] good = RawClient.encoded(ChatClient.say(1, "good"));
      byte[] payload = java.util.Arrays.copyOf(good, good.length + 1);
      payload[good.length] = (byte) 0xff;
      ann.raw.frame(RawClient.BINARY, true, payload);
      assertEquals(1011, ann.raw.end().code());
      assertEquals("good", watcher.nextTexts().getFirst());
    }
  }

  @Test
  void aMessageLargerThanTheLimitEndsTheConnection() {
    int max = node.limits.protocol().messageBytesMax();
    try (ChatClient ann = node.connect("")) {
      byte[] half = new byte[max / 2];
      ann.raw.frame(RawClient.BINARY, false, half);
      ann.raw.frame(RawClient.CONTINUATION, false, half);
      ann.raw.frame(RawClient.CONTINUATION, true, new byte[1]);
      assertEquals(1009, ann.raw.end().code());
    }
  }

  @Test
  void aLargeMessageIsTaken() {
    try (ChatClient ann = node.connect("")) {
      ann.raw.send(ChatClient.say(1, "y".repeat(2 * node.limits.inlineDecodeBytes())));
      assertEquals(1, ann.raw.message(ServerMessage.ReducerResult.class).requestId());
    }
  }

  @Test
  void pingsNeitherWakeNorKeepAwake() {
    try (TestNode sleepy = new TestNode();
        ChatClient ann = sleepy.connect("")) {
      sleepy.sleep();
      ann.raw.frame(RawClient.PING, true, new byte[] {1});
      while (ann.raw.frame().opcode() != RawClient.PONG) {}
      sleepy.pass(Duration.ofSeconds(16));
      assertEquals(0, sleepy.residence.awakeCount());
      assertTrue(sleepy.sockets.count() > 0);
    }
  }
}
