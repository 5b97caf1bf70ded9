package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ProcedureStatus;
import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.ReducerOutcome;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.protocol.ServerMessageDecoder;
import dev.dormouse.protocol.SetOutcome;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients and a database say to each other. */
final class ConversationTest {
  private static TestNode node;

  @BeforeAll
  static void start() {
    node = new TestNode();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void theFirstMessageSaysWhoTheClientIs() {
    try (ChatClient ann = node.connect("token=ann&connection_id=00112233445566778899aabbccddeeff");
        ChatClient anonymous = node.connect("")) {
      assertEquals(TestNode.identity("ann"), ann.identity());
      assertEquals("ann", ann.first.token());
      assertEquals("00112233445566778899aabbccddeeff", ann.first.connectionId().toHex());
      assertEquals(anonymous.identity(), TestNode.identity(anonymous.first.token()));
      assertNotEquals(0, anonymous.first.connectionId().word0());
    }
  }

  /** A client that we did not write. */
  @Test
  void theClientOfTheJdkIsUnderstood() {
    var heard = new LinkedBlockingQueue<ByteBuffer>();
    var closed = new CompletableFuture<Integer>();
    var listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            heard.add(data);
            socket.request(1);
            return CompletableFuture.completedStage(null);
          }

          @Override
          public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return CompletableFuture.completedStage(null);
          }
        };
    try (HttpClient http = HttpClient.newHttpClient()) {
      WebSocket socket =
          http.newWebSocketBuilder()
              .subprotocols(TestNode.V2, TestNode.V3)
              .header("Authorization", "Bearer jdk")
              .buildAsync(URI.create(node.uri("compression=None")), listener)
              .join();
      assertEquals(TestNode.V3, socket.getSubprotocol());
      var first = (ServerMessage.InitialConnection) only(heard);
      assertEquals(TestNode.identity("jdk"), first.identity());
      socket
          .sendBinary(ByteBuffer.wrap(RawClient.encoded(ChatClient.say(8, "from the JDK"))), true)
          .join();
      assertEquals(8, ((ServerMessage.ReducerResult) only(heard)).requestId());
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").join();
      assertEquals(WebSocket.NORMAL_CLOSURE, closed.orTimeout(10, TimeUnit.SECONDS).join());
    }
  }

  private static ServerMessage only(LinkedBlockingQueue<ByteBuffer> heard) {
    Await.until("a payload comes", () -> !heard.isEmpty());
    ByteBuffer data = heard.remove();
    byte[] payload = new byte[data.remaining()];
    data.get(payload);
    var messages = ServerMessageDecoder.decodePayload(payload, ProtocolLimits.DEFAULT);
    assertEquals(1, messages.size());
    return messages.getFirst();
  }

  @ParameterizedTest
  @ValueSource(strings = {TestNode.V3, TestNode.V2})
  void aCallChangesTheSetsOfCallerAndOthers(String protocol) {
    try (ChatClient ann = new ChatClient(node.upgrade("", protocol));
        ChatClient bob = new ChatClient(node.upgrade("", protocol))) {
      bob.subscribe(7, "SELECT * FROM message WHERE text = 'hello " + protocol + "'");
      ann.subscribe(1, "SELECT * FROM message WHERE text = 'hello " + protocol + "'");
      var own = ann.say("hello " + protocol);
      assertEquals(1, own.getFirst().querySetId());
      assertEquals(List.of("hello " + protocol), ChatClient.inserted(own));
      ServerMessage.TransactionUpdate update =
          bob.raw.message(ServerMessage.TransactionUpdate.class);
      assertEquals(7, update.querySets().getFirst().querySetId());
      assertEquals("message", update.querySets().getFirst().tables().getFirst().table());
      assertEquals(List.of("hello " + protocol), ChatClient.inserted(update.querySets()));
      assertEquals(List.of(), ann.say("something else"));
      assertTrue(bob.raw.isSilent());
    }
  }

  @Test
  void initialRowsAreThoseOfTheMoment() {
    try (ChatClient ann = node.connect("")) {
      ann.say("before");
      var tables = ann.subscribe(1, "SELECT * FROM message WHERE text = 'before'");
      assertEquals(List.of("before"), ChatClient.texts(tables.getFirst().rows()));
    }
  }

  @Test
  void failuresOfCallsAreToldToTheCaller() {
    try (ChatClient ann = node.connect("")) {
      ann.raw.send(
          ChatClient.say(1, ""),
          new ClientMessage.CallReducer(2, "nothing", ByteSlice.EMPTY),
          new ClientMessage.CallReducer(3, "send_message", ByteSlice.EMPTY),
          new ClientMessage.CallReducer(4, "client_connected", ByteSlice.EMPTY));
      var failed = ann.raw.message(ServerMessage.ReducerResult.class);
      assertEquals(1, failed.requestId());
      ReducerOutcome.Err error = assertInstanceOf(ReducerOutcome.Err.class, failed.result());
      assertTrue(
          new String(error.error().toByteArray(), StandardCharsets.UTF_8)
              .endsWith("Messages must not be empty"));
      for (int id = 2; id <= 4; id++) {
        var refused = ann.raw.message(ServerMessage.ReducerResult.class);
        assertEquals(id, refused.requestId());
        assertInstanceOf(ReducerOutcome.Internal.class, refused.result());
      }
    }
  }

  @Test
  void aCallOfAProcedureIsAnsweredInItsTurn() {
    try (ChatClient ann = node.connect("")) {
      ann.raw.send(
          ChatClient.say(1, "first"),
          new ClientMessage.CallProcedure(2, "anything", ByteSlice.EMPTY),
          ChatClient.say(3, "last"));
      ann.said();
      var refused = ann.raw.message(ServerMessage.ProcedureResult.class);
      assertEquals(2, refused.requestId());
      assertInstanceOf(ProcedureStatus.Internal.class, refused.status());
      ann.said();
    }
  }

  @Test
  void setsEndAndTheirIdsAreFree() {
    try (ChatClient ann = node.connect("")) {
      ann.subscribe(1, ChatClient.USERS);
      ann.raw.send(new ClientMessage.Subscribe(9, 1, List.of(ChatClient.USERS)));
      var inUse = ann.raw.message(ServerMessage.SubscriptionError.class);
      assertEquals(OptionalInt.of(9), inUse.requestId());
      ann.raw.send(new ClientMessage.Unsubscribe(10, 1, true));
      var applied = ann.raw.message(ServerMessage.UnsubscribeApplied.class);
      assertTrue(applied.tables().orElseThrow().getFirst().rows().rowCount() > 0);
      ann.subscribe(1, ChatClient.USERS);
      ann.raw.send(new ClientMessage.Unsubscribe(11, 1, false));
      assertEquals(
          Optional.empty(), ann.raw.message(ServerMessage.UnsubscribeApplied.class).tables());
      ann.raw.send(new ClientMessage.Unsubscribe(12, 1, true));
      assertEquals(
          OptionalInt.of(12), ann.raw.message(ServerMessage.SubscriptionError.class).requestId());
    }
  }

  @Test
  void aBatchOfSetsIsAnsweredAtOnce() {
    try (ChatClient ann = node.connect("")) {
      ann.raw.send(
          new ClientMessage.SubscribeBatch(
              5,
              List.of(
                  new ClientMessage.QuerySet(1, List.of(ChatClient.USERS)),
                  new ClientMessage.QuerySet(2, List.of("SELECT * FROM nowhere")),
                  new ClientMessage.QuerySet(1, List.of(ChatClient.MESSAGES)))));
      var results = ann.raw.message(ServerMessage.SubscribeBatchApplied.class).results();
      assertEquals(
          List.of(1, 2, 1), results.stream().map(ServerMessage.SetResult::querySetId).toList());
      assertInstanceOf(SetOutcome.Applied.class, results.get(0).outcome());
      assertInstanceOf(SetOutcome.Failed.class, results.get(1).outcome());
      assertInstanceOf(SetOutcome.Failed.class, results.get(2).outcome());
    }
  }

  @Test
  void oneFrameMayHoldManyMessagesAndAnswersShareFrames() {
    try (ChatClient ann = node.connect("")) {
      int count = 5000;
      ClientMessage[] calls =
          IntStream.range(0, count)
              .mapToObj(i -> ChatClient.say(i, "many"))
              .toArray(ClientMessage[]::new);
      int framesBefore = ann.raw.payloads.size();
      ann.raw.send(calls); // Over 64 KiB: decoded on a worker.
      List<Integer> answered = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        answered.add(ann.raw.message(ServerMessage.ReducerResult.class).requestId());
      }
      assertEquals(IntStream.range(0, count).boxed().toList(), answered);
      int frames = ann.raw.payloads.size() - framesBefore;
      assertTrue(frames < count / 10, frames + " frames for " + count + " answers");
    }
  }

  @Test
  void inVersion2EveryAnswerHasItsFrame() {
    try (ChatClient ann = new ChatClient(node.upgrade("", TestNode.V2))) {
      for (int i = 0; i < 300; i++) {
        ann.raw.send(ChatClient.say(i, "single"));
      }
      for (int i = 0; i < 300; i++) {
        assertEquals(i, ann.raw.message(ServerMessage.ReducerResult.class).requestId());
      }
      assertEquals(301, ann.raw.payloads.size());
      ann.raw.frame(
          RawClient.BINARY,
          true,
          RawClient.encoded(ChatClient.say(1, "one"), ChatClient.say(2, "ignored")));
      assertEquals(1, ann.raw.message(ServerMessage.ReducerResult.class).requestId());
      ann.raw.send(ChatClient.say(3, "next"));
      assertEquals(3, ann.raw.message(ServerMessage.ReducerResult.class).requestId());
    }
  }

  @Test
  void fragmentsArePutTogether() {
    try (ChatClient ann = node.connect("")) {
      byte[] whole = RawClient.encoded(ChatClient.say(5, "in pieces"));
      ann.raw.frame(RawClient.BINARY, false, java.util.Arrays.copyOfRange(whole, 0, 3));
      ann.raw.frame(RawClient.PING, true, new byte[] {1});
      ann.raw.frame(RawClient.CONTINUATION, false, java.util.Arrays.copyOfRange(whole, 3, 9));
      ann.raw.frame(
          RawClient.CONTINUATION, true, java.util.Arrays.copyOfRange(whole, 9, whole.length));
      assertEquals(5, ann.raw.message(ServerMessage.ReducerResult.class).requestId());
    }
  }

  @Test
  void largeAnswersAreFragmentedAndCompressedIfAsked() {
    try (ChatClient writer = node.connect("");
        ChatClient plain = node.connect("compression=None");
        ChatClient gzip = node.connect("compression=Gzip")) {
      String text = "large " + "x".repeat(400_000);
      writer.say(text);
      String query = "SELECT * FROM message WHERE text = '" + "small" + "'";
      assertEquals(0, gzip.rows(query).rowCount());
      assertEquals(0, gzip.raw.payloads.getLast()[0], "small payloads stay plain");
      gzip.subscribe(1, ChatClient.MESSAGES);
      assertEquals(2, gzip.raw.payloads.getLast()[0]);
      plain.subscribe(1, ChatClient.MESSAGES);
      assertEquals(0, plain.raw.payloads.getLast()[0]);
      assertTrue(plain.raw.payloads.getLast().length > 10 * gzip.raw.payloads.getLast().length);
    }
  }

  @Test
  void thoseWhoComeAndGoAreSeen() {
    try (ChatClient watcher = node.connect("")) {
      watcher.subscribe(1, ChatClient.USERS);
      ChatClient guest = node.connect("token=guest");
      var came = watcher.raw.message(ServerMessage.TransactionUpdate.class);
      assertEquals(1, came.querySets().size());
      assertTrue(ChatClient.online(watcher.rows(ChatClient.USERS)).contains(guest.identity()));
      guest.close();
      watcher.raw.message(ServerMessage.TransactionUpdate.class);
      assertTrue(!ChatClient.online(watcher.rows(ChatClient.USERS)).contains(guest.identity()));
    }
  }
}
