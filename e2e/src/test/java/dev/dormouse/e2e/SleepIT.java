package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ReducerOutcome;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.sats.BsatnWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sleep and wake, with the socket open all the while. */
final class SleepIT {
  @TempDir Path folder;

  private static ClientMessage send(int requestId, String text) {
    byte[] arguments = new BsatnWriter().writeString(text).toByteArray();
    return new ClientMessage.CallReducer(
        requestId, "send_message", new ByteSlice(arguments, 0, arguments.length));
  }

  @Test
  void aSocketOutlivesTheSleepOfItsDatabase() throws Exception {
    try (Platform platform = Platform.start(folder.resolve("data"), "--idle-after", "300ms")) {
      String token = platform.token();
      platform.publish(token, "chat", "examples/chat/chat.wasm");
      try (WebSocketClient ann = WebSocketClient.connect(platform, "chat", "")) {
        ann.expect(ServerMessage.InitialConnection.class);
        ann.send(
            new ClientMessage.Subscribe(
                1, 1, List.of("SELECT * FROM message", "SELECT * FROM user")));
        ann.expect(ServerMessage.SubscribeApplied.class);
        platform.awaitAsleep(token, "chat");
        String asleep = platform.state(token, "chat");
        assertTrue(asleep.contains("\"connections\":1"), asleep);
        assertTrue(asleep.contains("\"lastWake\":null"), asleep);

        ann.send(send(2, "through the open socket"));
        ServerMessage.ReducerResult result = ann.expect(ServerMessage.ReducerResult.class);
        assertEquals(2, result.requestId());
        ReducerOutcome.Ok ok = (ReducerOutcome.Ok) result.result();
        assertEquals(1, ok.querySets().size(), "its own update, once");
        String woken = platform.state(token, "chat");
        assertTrue(woken.contains("\"by\":\"message\""), woken);

        platform.awaitAsleep(token, "chat");
        assertEquals(
            200, platform.call(token, "chat", "send_message", "[\"over HTTP\"]").statusCode());
        ServerMessage.TransactionUpdate update = ann.expect(ServerMessage.TransactionUpdate.class);
        assertTrue(!update.querySets().isEmpty(), "a subscriber hears what happens after a wake");
        assertTrue(platform.state(token, "chat").contains("\"by\":\"call\""));
        platform.awaitAsleep(token, "chat");
      }
      // The client left while the database slept: it wakes, and presence is right.
      Platform.await(
          "the wake for who left",
          () -> {
            try {
              return platform.state(token, "chat").contains("\"by\":\"disconnect\"");
            } catch (java.io.IOException | InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      String online = platform.sql("", "chat", "SELECT * FROM user WHERE online = true");
      assertEquals(
          1, online.split("\\[\\[\"0x", -1).length - 1, "only who asks is online: " + online);
      assertEquals(0, platform.stop(), platform.log());
    }
  }

  @Test
  void aKillWhileItSleepsEndsTheConnectionsAtTheNextStart() throws Exception {
    Path data = folder.resolve("data");
    String token;
    try (Platform platform = Platform.start(data, "--idle-after", "300ms")) {
      token = platform.token();
      platform.publish(token, "chat", "examples/chat/chat.wasm");
      WebSocketClient ann = WebSocketClient.connect(platform, "chat", "");
      ann.expect(ServerMessage.InitialConnection.class);
      platform.awaitAsleep(token, "chat");
      platform.kill();
    }
    try (Platform platform = Platform.start(data)) {
      Platform.await(
          "the wake at start",
          () -> {
            try {
              return platform.state(token, "chat").contains("\"by\":\"start\"");
            } catch (java.io.IOException | InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      String clients = platform.sql(token, "chat", "SELECT COUNT(*) AS n FROM st_client");
      assertTrue(clients.contains("\"rows\":[[1]]"), clients);
      assertEquals(0, platform.stop(), platform.log());
    }
  }
}
