package dev.dormouse.e2e;

import static dev.dormouse.e2e.Bystanders.ATTACKED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.sats.BsatnWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Clients that speak correctly and ask for too much, take nothing, or come and go. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class HostileLoadIT {
  private static final int SUBSCRIPTIONS = 10_000;
  private static final int SETS_MAX = 1_000;
  private static final int CLIENTS = 1_000;
  private static final int SMALL_BUFFER = 4 << 10;
  private static final int MIB = 1 << 20;

  @TempDir private static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Bystanders bystanders;

  /** Open WebSockets from which nothing ever comes: to the platform, clients without a line. */
  private static final List<RawSocket> halfOpen = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    bystanders = new Bystanders(folder.resolve("data"));
    for (int i = 0; i < 3; i++) {
      halfOpen.add(RawSocket.upgraded(bystanders.platform, ATTACKED, 0));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    for (RawSocket socket : halfOpen) {
      socket.close();
    }
    bystanders.stop();
  }

  @AfterEach
  void nobodyIsHurt() throws Exception {
    bystanders.unhurt();
  }

  private static WebSocketClient connect() throws InterruptedException {
    WebSocketClient client = WebSocketClient.connect(bystanders.platform, ATTACKED, "");
    client.expect(ServerMessage.InitialConnection.class);
    return client;
  }

  private static ClientMessage subscribe(int set, String... queries) {
    return new ClientMessage.Subscribe(set, set, List.of(queries));
  }

  @Test
  @Order(1)
  void tenThousandSubscriptionsOfOneConnectionAreHeldToItsLimit() throws Exception {
    try (WebSocketClient client = connect()) {
      for (int i = 0; i < SUBSCRIPTIONS; i++) {
        client.send(subscribe(i, "SELECT * FROM message WHERE text = '" + i + "'"));
      }
      for (int i = 0; i < SETS_MAX; i++) {
        assertEquals(i, client.expect(ServerMessage.SubscribeApplied.class).requestId());
      }
      for (int i = SETS_MAX; i < SUBSCRIPTIONS; i++) {
        ServerMessage.SubscriptionError error =
            client.expect(ServerMessage.SubscriptionError.class);
        assertTrue(error.error().contains("limit " + SETS_MAX), error.error());
      }
    }
  }

  @Test
  @Order(1)
  void aSetOfTenThousandQueriesIsRefusedAsAWhole() throws Exception {
    try (WebSocketClient client = connect()) {
      client.send(
          subscribe(
              1,
              IntStream.range(0, SUBSCRIPTIONS)
                  .mapToObj(i -> "SELECT * FROM message WHERE text = '" + i + "'")
                  .toArray(String[]::new)));
      ServerMessage.SubscriptionError error = client.expect(ServerMessage.SubscriptionError.class);
      assertTrue(error.error().contains("limit"), error.error());
      client.send(subscribe(1, "SELECT * FROM message WHERE text = '1'"));
      client.expect(ServerMessage.SubscribeApplied.class);
    }
  }

  @Test
  @Order(1)
  void aThousandClientsMayWatchTheSame() throws Exception {
    List<RawSocket> watchers = new ArrayList<>();
    try (WebSocketClient speaker = connect()) {
      for (int i = 0; i < CLIENTS; i++) {
        RawSocket watcher = RawSocket.upgraded(bystanders.platform, ATTACKED, 0);
        watchers.add(watcher);
        watcher.frame(
            RawSocket.BINARY,
            true,
            encoded(subscribe(1, "SELECT * FROM message WHERE text = 'to a thousand'")));
      }
      for (RawSocket watcher : watchers) {
        assertInstanceOf(ServerMessage.InitialConnection.class, watcher.message());
        assertInstanceOf(ServerMessage.SubscribeApplied.class, watcher.message());
      }
      speaker.send(Bystanders.say(1, "to a thousand"));
      speaker.expect(ServerMessage.ReducerResult.class);
      for (RawSocket watcher : watchers) {
        assertInstanceOf(ServerMessage.TransactionUpdate.class, watcher.message());
      }
    } finally {
      for (RawSocket watcher : watchers) {
        watcher.reset();
      }
    }
  }

  private static byte[] encoded(ClientMessage message) {
    BsatnWriter out = new BsatnWriter();
    message.write(out);
    return out.toByteArray();
  }

  /** The reader watches a hundred times what others write: it owes a hundred times as much. */
  @Test
  @Order(1)
  void aReaderThatNeverReadsIsCutOffAndNobodyWaitsForIt() throws Exception {
    int said = 0;
    try (WebSocketClient speaker = connect();
        WebSocketClient listener = connect();
        RawSocket deaf = RawSocket.upgraded(bystanders.platform, ATTACKED, SMALL_BUFFER)) {
      listener.send(subscribe(1, "SELECT * FROM message WHERE text != 'unhurt'"));
      listener.expect(ServerMessage.SubscribeApplied.class);
      for (int set = 0; set < 100; set++) {
        deaf.frame(RawSocket.BINARY, true, encoded(subscribe(set, "SELECT * FROM message")));
      }
      int clients = bystanders.count(ATTACKED, "st_client");
      String text = "x".repeat(20_000);
      while (bystanders.count(ATTACKED, "st_client") >= clients) {
        assertTrue(said < 1_000, "2 GB wait for who does not read");
        for (int i = 0; i < 5; i++) {
          said++;
          speaker.send(Bystanders.say(said, text));
          assertEquals(said, speaker.expect(ServerMessage.ReducerResult.class).requestId());
          // Each is told before the next is said: nobody waits behind the one who does not listen.
          listener.expect(ServerMessage.TransactionUpdate.class);
        }
      }
      assertTrue(said >= 10, "cut off after " + said + " messages of 2 MB");
    }
  }

  /** With so little memory that 64 MiB may be received and not answered. */
  @Test
  @Order(1)
  void framesThatDoNotEndAreHeldToTheNodesTotal() throws Exception {
    Bystanders small =
        new Bystanders(
            Platform.start(
                folder.resolve("small"), List.of(), Map.of("JAVA_TOOL_OPTIONS", "-Xmx512m")));
    try (RawSocket worst = hoarder(small, 30);
        RawSocket bad = hoarder(small, 20)) {
      small.unhurt();
      try (RawSocket last = hoarder(small, 20)) {
        RawSocket.End end = worst.end();
        assertEquals(1013, end.code(), end.reason());
        assertTrue(end.reason().contains("67108864 bytes"), end.reason());
        small.unhurt();
        assertTrue(bad.write(new byte[MIB]), "the second may go on");
        assertTrue(last.write(new byte[MIB]), "the third may go on");
      }
    }
    small.unhurt();
    small.stop();
  }

  /** Has begun a frame of the largest size and sent so much of it. */
  private static RawSocket hoarder(Bystanders of, int mebibytes) throws IOException {
    RawSocket socket = RawSocket.upgraded(of.platform, ATTACKED, 0);
    socket.write(RawSocket.header(0x80 | RawSocket.BINARY, true, 32 * MIB));
    socket.write(new byte[mebibytes * MIB]);
    return socket;
  }

  @Test
  @Order(1)
  void aThousandConnectionsThatComeAndGoLeaveNothing() throws Exception {
    int before = bystanders.count(ATTACKED, "st_client");
    for (int i = 0; i < CLIENTS; i++) {
      RawSocket socket = RawSocket.upgraded(bystanders.platform, ATTACKED, 0);
      if (i % 2 == 0) {
        socket.reset();
      } else {
        socket.close();
      }
    }
    Platform.await(
        "the rows of who left",
        () -> {
          try {
            return bystanders.count(ATTACKED, "st_client") <= before;
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  @Order(1)
  void whoAsksFasterThanItIsAnsweredIsReadNoFurther() throws Exception {
    try (RawSocket flooder = RawSocket.upgraded(bystanders.platform, ATTACKED, SMALL_BUFFER)) {
      byte[] question = encoded(new ClientMessage.OneOffQuery(1, "SELECT * FROM message"));
      Thread flood =
          new Thread(
              () -> {
                try {
                  while (flooder.frame(RawSocket.BINARY, true, question)) {
                    // Until the platform closes, or this test does.
                  }
                } catch (IOException closed) {
                  assertTrue(true, closed.toString());
                }
              });
      flood.start();
      for (int i = 0; i < 20; i++) {
        bystanders.unhurt();
      }
      flooder.reset();
      flood.join();
    }
  }

  @Test
  @Order(2)
  void halfOpenConnectionsAreNoticed() throws Exception {
    for (RawSocket socket : halfOpen) {
      assertEquals(RawSocket.End.WITHOUT_FRAME, socket.end());
    }
  }
}
