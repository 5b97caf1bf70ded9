package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ReducerOutcome;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.sats.BsatnWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A platform under attack and those who only use it: a database that is attacked, one that is not,
 * and in each a speaker and a listener. {@link #unhurt} is how a hostile test ends.
 */
final class Bystanders {
  static final String ATTACKED = "attacked";
  static final String NEIGHBOUR = "neighbour";

  final Platform platform;

  /** The owner of both databases. */
  final String owner;

  private final List<Room> rooms;
  private int said;

  /** Characters of the log that were looked at. */
  private int logged;

  /** One database with who is in it. */
  private record Room(String database, WebSocketClient speaker, WebSocketClient listener) {}

  Bystanders(Path data, String... options) throws IOException, InterruptedException {
    this(Platform.start(data, options));
  }

  Bystanders(Platform platform) throws IOException, InterruptedException {
    this.platform = platform;
    owner = platform.token();
    platform.publish(owner, ATTACKED, "examples/chat/chat.wasm");
    platform.publish(owner, NEIGHBOUR, "examples/chat/chat.wasm");
    rooms = List.of(room(ATTACKED), room(NEIGHBOUR));
  }

  private Room room(String database) throws InterruptedException {
    WebSocketClient speaker = WebSocketClient.connect(platform, database, "");
    speaker.expect(ServerMessage.InitialConnection.class);
    WebSocketClient listener = WebSocketClient.connect(platform, database, "");
    listener.expect(ServerMessage.InitialConnection.class);
    listener.send(
        new ClientMessage.Subscribe(1, 1, List.of("SELECT * FROM message WHERE text = 'unhurt'")));
    listener.expect(ServerMessage.SubscribeApplied.class);
    return new Room(database, speaker, listener);
  }

  /** A call of {@code send_message}. */
  static ClientMessage say(int requestId, String text) {
    byte[] arguments = new BsatnWriter().writeString(text).toByteArray();
    return new ClientMessage.CallReducer(
        requestId, "send_message", new ByteSlice(arguments, 0, arguments.length));
  }

  /**
   * Both databases serve, in order, those who were there before; both have all that was answered;
   * newcomers are let in; the node has no failure of its own to report.
   */
  void unhurt() throws IOException, InterruptedException {
    said++;
    for (Room room : rooms) {
      room.speaker.send(say(said, "unhurt"));
      ServerMessage.ReducerResult result = room.speaker.expect(ServerMessage.ReducerResult.class);
      assertEquals(said, result.requestId());
      assertTrue(result.result() instanceof ReducerOutcome.Ok, room.database + ": " + result);
      assertEquals(
          1, room.listener.expect(ServerMessage.TransactionUpdate.class).querySets().size());
      assertEquals(said, count(room.database, "message WHERE text = 'unhurt'"), room.database);
    }
    String log = platform.log();
    String news = log.substring(logged);
    logged = log.length();
    assertFalse(news.contains(" ERROR ") || news.contains(" WARN "), news);
  }

  /** How many rows there are; asked by a newcomer over HTTP. */
  int count(String database, String from) throws IOException, InterruptedException {
    String json = platform.sql("", database, "SELECT COUNT(*) AS n FROM " + from);
    return Integer.parseInt(json.replaceAll(".*\"rows\":\\[\\[(\\d+)]].*", "$1"));
  }

  /** Stops the platform, which says goodbye to who is still there and ends in good order. */
  void stop() throws IOException, InterruptedException {
    try (RawSocket last = RawSocket.upgraded(platform, ATTACKED, 0)) {
      assertEquals(0, platform.stop(), platform.log());
      assertEquals(new RawSocket.End(1001, "module exited"), last.end());
    } finally {
      platform.close();
    }
  }
}
