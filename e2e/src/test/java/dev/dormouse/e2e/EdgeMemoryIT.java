package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.sats.BsatnWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node with a heap of 256 MiB, and the clients of one database that send it, ask of it, or leave
 * lying, several times as much: they are told so, and nobody else is hurt.
 */
final class EdgeMemoryIT {
  private static final Map<String, String> SMALL =
      Map.of("JAVA_TOOL_OPTIONS", "-Xmx256m", "dormouse.call-cpu", "3s");
  private static final String HOSTILE = "hostile";
  private static final int MIB = 1 << 20;
  private static final int TRY_AGAIN = 1013;

  /** Together ten times the heap. */
  private static final int SENDERS = 64;

  private static final int MESSAGE_BYTES = 31 * MIB;

  /** Together more than three times the heap. */
  private static final int READERS = 250;

  private static final int ROWS = 500;
  private static final int ROW_BYTES = 8_000;
  private static final int SMALL_BUFFER = 4 << 10;

  @TempDir static Path folder;

  private static Platform platform;
  private static Neighbour neighbour;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    platform = Platform.start(folder.resolve("data"), List.of(), SMALL);
    neighbour = Neighbour.moveIn(platform);
    token = platform.token();
    platform.publish(token, HOSTILE, "fixtures/abi/abi.wasm");
  }

  @AfterEach
  void theProcessLivesAndTheNeighbourGoesOn() throws Exception {
    neighbour.assertServed(platform);
    assertTrue(platform.isAlive());
    assertFalse(platform.log().contains("OutOfMemory"), platform.log());
  }

  @AfterAll
  static void stopsInGoodOrder() throws Exception {
    assertEquals(0, platform.stop(), platform.log());
  }

  private static byte[] encoded(ClientMessage message) {
    BsatnWriter out = new BsatnWriter();
    message.write(out);
    return out.toByteArray();
  }

  private static void insert(int first, int rows) throws Exception {
    HttpResponse<String> answer =
        platform.call(
            token, HOSTILE, "insert_many", "[%d,%d,%d]".formatted(first, rows, ROW_BYTES));
    assertEquals("200 ", answer.statusCode() + " " + answer.body());
  }

  private static void clear() throws Exception {
    assertEquals(200, platform.call(token, HOSTILE, "clear_all", "[]").statusCode());
  }

  @Test
  void messagesForADatabaseThatIsBusy() throws Exception {
    CompletableFuture<HttpResponse<String>> busy =
        Platform.HTTP.sendAsync(
            platform.request(
                "POST",
                "/v1/database/" + HOSTILE + "/call/loop_forever",
                token,
                "[]".getBytes(StandardCharsets.UTF_8)),
            HttpResponse.BodyHandlers.ofString());
    byte[] large =
        encoded(
            new ClientMessage.CallReducer(
                1, "panic_now", new ByteSlice(new byte[MESSAGE_BYTES], 0, MESSAGE_BYTES)));
    List<RawSocket> sockets = new ArrayList<>();
    List<CompletableFuture<RawSocket.End>> ends = new ArrayList<>();
    try {
      for (int i = 0; i < SENDERS; i++) {
        RawSocket socket = RawSocket.upgraded(platform, HOSTILE, 0);
        sockets.add(socket);
        CompletableFuture<RawSocket.End> end = new CompletableFuture<>();
        ends.add(end);
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    socket.frame(RawSocket.BINARY, true, large);
                    end.complete(socket.end());
                  } catch (IOException e) {
                    end.completeExceptionally(e);
                  }
                });
      }
      neighbour.assertServed(platform);
      assertEquals(402, busy.get().statusCode(), busy.get().body());
      Platform.await(
          "most to be closed", () -> ends.stream().filter(EdgeMemoryIT::isTold).count() >= 10);
      neighbour.assertServed(platform);
    } finally {
      for (RawSocket socket : sockets) {
        socket.reset();
      }
    }
  }

  /** Whether it was closed with a sentence about what all have sent. */
  private static boolean isTold(CompletableFuture<RawSocket.End> end) {
    return end.isDone()
        && !end.isCompletedExceptionally()
        && end.join().code() == TRY_AGAIN
        && end.join().reason().contains("clients have sent more than");
  }

  @Test
  void bodiesForADatabaseThatIsBusy() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
    byte[] most = ("[\"" + "x".repeat(2 * MIB - 4) + "\"]").getBytes(StandardCharsets.UTF_8);
    asked.add(post("loop_forever", "[]".getBytes(StandardCharsets.UTF_8)));
    for (int i = 0; i < 200; i++) {
      asked.add(post("panic_now", most));
    }
    neighbour.assertServed(platform);
    int refused = 0;
    for (CompletableFuture<HttpResponse<String>> each : asked) {
      HttpResponse<String> answer = each.get();
      if (answer.statusCode() == 503) {
        refused++;
        assertTrue(
            answer.body().contains("bytes")
                && answer.headers().firstValue("retry-after").isPresent(),
            answer.body());
      }
    }
    assertTrue(refused > 100, refused + " of 400 MB of bodies were refused");
  }

  private static CompletableFuture<HttpResponse<String>> post(String reducer, byte[] body) {
    return Platform.HTTP.sendAsync(
        platform.request("POST", "/v1/database/" + HOSTILE + "/call/" + reducer, token, body),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void readersThatSubscribeAndDoNotRead() throws Exception {
    insert(1, ROWS);
    byte[] subscribe = encoded(new ClientMessage.Subscribe(1, 1, List.of("SELECT * FROM bulk")));
    List<RawSocket> readers = new ArrayList<>();
    try {
      for (int i = 0; i < READERS; i++) {
        RawSocket reader = upgraded(SMALL_BUFFER);
        readers.add(reader);
        reader.frame(RawSocket.BINARY, true, subscribe);
        if (i % 50 == 0) {
          neighbour.assertServed(platform);
        }
      }
      Platform.await("some to be cut off", EdgeMemoryIT::someoneWasCutOff);
      neighbour.assertServed(platform);
    } finally {
      for (RawSocket reader : readers) {
        reader.reset();
      }
    }
    // Whoever reads gets all of it, once they are gone.
    Platform.await("room for a reader", EdgeMemoryIT::aReaderGetsAll);
    clear();
  }

  private static RawSocket upgraded(int receiveBuffer) throws IOException {
    RawSocket socket = RawSocket.open(platform, receiveBuffer);
    RawSocket.Response response =
        socket.request(
            RawSocket.upgrade(
                HOSTILE,
                "v3.bsatn.spacetimedb",
                "compression=None&confirmed=false",
                "Authorization: Bearer " + token + "\r\n"));
    assertEquals(101, response.status(), response.toString());
    return socket;
  }

  private static boolean someoneWasCutOff() {
    try {
      return platform.log().contains(" more do not fit");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean aReaderGetsAll() {
    try (RawSocket reader = upgraded(0)) {
      reader.frame(
          RawSocket.BINARY,
          true,
          encoded(new ClientMessage.Subscribe(1, 1, List.of("SELECT * FROM bulk"))));
      reader.message();
      return reader.message() instanceof ServerMessage.SubscribeApplied applied
          && applied.tables().getFirst().rows().rowCount() == ROWS;
    } catch (EOFException | SocketException cutOff) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Each row matches a thousand queries: four megabytes become four gigabytes. */
  @Test
  void queriesThatAllMatchTheSameRows() throws Exception {
    int sets = 100;
    int queries = 10;
    try (RawSocket client = upgraded(0)) {
      assertInstanceOf(ServerMessage.InitialConnection.class, client.message());
      for (int set = 0; set < sets; set++) {
        int first = queries * set;
        client.frame(
            RawSocket.BINARY,
            true,
            encoded(
                new ClientMessage.Subscribe(
                    set,
                    set,
                    IntStream.range(first, first + queries)
                        .mapToObj(i -> "SELECT * FROM bulk WHERE id > " + i)
                        .toList())));
        assertInstanceOf(ServerMessage.SubscribeApplied.class, client.message());
      }
      insert(1_000_000, ROWS);
      assertTrue(isToldOrCutOff(client));
    }
    neighbour.assertServed(platform);
    clear();
  }

  /** Sets for whose changes there is no room are dropped; with the others it may be too much. */
  private static boolean isToldOrCutOff(RawSocket client) throws IOException {
    try {
      while (true) {
        if (client.message() instanceof ServerMessage.SubscriptionError(var id, int set, String why)
            && id.isEmpty()
            && set >= 0) {
          return why.startsWith("node memory: what a transaction changes for clients needs");
        }
      }
    } catch (EOFException | SocketException ended) {
      return someoneWasCutOff();
    }
  }
}
