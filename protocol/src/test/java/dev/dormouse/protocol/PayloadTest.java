package dev.dormouse.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.sats.DecodeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PayloadTest {
  private final PayloadCompressor compressor = new PayloadCompressor(ProtocolLimits.DEFAULT);

  @AfterEach
  void close() {
    compressor.close();
  }

  static Stream<JsonNode> envelopes() {
    return Vectors.list(Vectors.read("client-envelope.json").get("vectors")).stream();
  }

  private byte[] payload(Compression compression, byte[] body) {
    byte[] tagged = new byte[body.length + 10];
    tagged[0] = 99;
    System.arraycopy(body, 0, tagged, 1, body.length);
    return compressor.payload(compression, tagged, body.length + 1);
  }

  @ParameterizedTest
  @MethodSource("envelopes")
  void envelopesCarryTheirBody(JsonNode vector) {
    byte[] body = Vectors.hex(vector.get("body_hex"));
    assertEquals(vector.get("body_length").asInt(), body.length);
    Compression compression =
        Compression.of(vector.get("compression_parameter").asText()).orElseThrow();
    byte[] payload = payload(compression, body);
    // Brotli is permitted by the client and not used by this server.
    int expected =
        compression == Compression.BROTLI
            ? PayloadCompressor.TAG_NONE
            : vector.get("expected_tag").asInt();
    assertEquals(expected, payload[0]);
    assertEquals(ByteSlice.of(body), PayloadCompressor.body(payload, ProtocolLimits.DEFAULT));
    if (vector.get("expected_tag").asInt() != PayloadCompressor.TAG_BROTLI) {
      assertEquals(
          ByteSlice.of(body),
          PayloadCompressor.body(
              Vectors.hex(vector.get("example_payload_hex")), ProtocolLimits.DEFAULT));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1025, 5000, 300_000})
  void incompressibleBodiesSurviveGzip(int size) {
    byte[] body = new byte[size];
    new Random(size).nextBytes(body);
    byte[] payload = payload(Compression.GZIP, body);
    assertEquals(PayloadCompressor.TAG_GZIP, payload[0]);
    assertEquals(ByteSlice.of(body), PayloadCompressor.body(payload, ProtocolLimits.DEFAULT));
  }

  @Test
  void aCompressorServesManyPayloads() {
    for (int i = 0; i < 20; i++) {
      byte[] body = new byte[1025 + i];
      Arrays.fill(body, (byte) i);
      assertEquals(
          ByteSlice.of(body),
          PayloadCompressor.body(payload(Compression.GZIP, body), ProtocolLimits.DEFAULT));
    }
  }

  @Test
  void hostilePayloadsAreRefused() {
    ProtocolLimits limits = new ProtocolLimits(64, 10, 3, 2, 1, 1, 1, 10, 100, 2, 123, 2000);
    byte[] bomb = payload(Compression.GZIP, new byte[2001]);
    assertThrows(DecodeException.class, () -> PayloadCompressor.body(bomb, limits));
    byte[] fits = payload(Compression.GZIP, new byte[2000]);
    assertEquals(2000, PayloadCompressor.body(fits, limits).length());
    byte[] truncated = Arrays.copyOf(fits, fits.length - 5);
    for (byte[] payload :
        List.of(new byte[0], new byte[] {1, 0}, new byte[] {7}, new byte[] {2, 1}, truncated)) {
      assertThrows(
          DecodeException.class,
          () -> PayloadCompressor.body(payload, ProtocolLimits.DEFAULT),
          HexFormat.of().formatHex(payload));
    }
  }

  private static void error(PayloadBatch batch, int id, int bodyBytes) {
    // tag, some, request id, set id, length: 14 bytes besides the text
    batch.messages().subscriptionError(id, 0, "x".repeat(bodyBytes - 14));
    batch.endMessage();
  }

  private static List<Integer> ids(byte[] payload) {
    return ServerMessageDecoder.decodePayload(payload, ProtocolLimits.DEFAULT).stream()
        .map(message -> ((ServerMessage.SubscriptionError) message).requestId().getAsInt())
        .toList();
  }

  private PayloadBatch batch(Subprotocol protocol, Compression compression, List<byte[]> payloads) {
    return new PayloadBatch(
        ProtocolLimits.DEFAULT,
        compressor,
        new PayloadBatch.Receiver(protocol, compression, payloads::add));
  }

  @Test
  void v2PayloadsHoldOneMessage() {
    List<byte[]> payloads = new ArrayList<>();
    PayloadBatch batch = batch(Subprotocol.V2_BSATN, Compression.NONE, payloads);
    error(batch, 1, 20);
    error(batch, 2, 20);
    batch.flush();
    assertEquals(List.of(List.of(1), List.of(2)), payloads.stream().map(PayloadTest::ids).toList());
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void v3PayloadsHoldAllMessagesOfADrain(Compression compression) {
    List<byte[]> payloads = new ArrayList<>();
    PayloadBatch batch = batch(Subprotocol.V3_BSATN, compression, payloads);
    for (int i = 0; i < 100; i++) {
      error(batch, i, 20);
    }
    assertEquals(2001, batch.pendingBytes());
    batch.flush();
    assertEquals(0, batch.pendingBytes());
    batch.flush();
    assertEquals(1, payloads.size());
    assertEquals(100, ids(payloads.getFirst()).size());
    assertEquals(compression == Compression.GZIP ? 2 : 0, payloads.getFirst()[0]);
  }

  @Test
  void aV3PayloadEndsBeforeTheMessageThatWouldExceedIt() {
    List<byte[]> payloads = new ArrayList<>();
    PayloadBatch batch = batch(Subprotocol.V3_BSATN, Compression.NONE, payloads);
    error(batch, 1, 524_288 - 100);
    error(batch, 2, 100);
    assertEquals(1, payloads.size(), "exactly full");
    error(batch, 3, 524_288 - 100);
    error(batch, 4, 101);
    error(batch, 5, 600_000);
    error(batch, 6, 600_000);
    error(batch, 7, 20);
    batch.flush();
    assertEquals(
        List.of(List.of(1, 2), List.of(3), List.of(4), List.of(5), List.of(6), List.of(7)),
        payloads.stream().map(PayloadTest::ids).toList());
    for (byte[] payload : payloads) {
      assertTrue(payload.length - 1 <= 524_288 || ids(payload).size() == 1);
    }
  }

  @Test
  void aV3PayloadHoldsAtMost4096Messages() {
    List<byte[]> payloads = new ArrayList<>();
    PayloadBatch batch = batch(Subprotocol.V3_BSATN, Compression.NONE, payloads);
    for (int i = 0; i < 4097; i++) {
      error(batch, i, 14);
    }
    batch.flush();
    assertEquals(List.of(4096, 1), payloads.stream().map(p -> ids(p).size()).toList());
  }

  @Test
  void encodedMessagesArePackedLikeWrittenOnes() {
    List<byte[]> payloads = new ArrayList<>();
    PayloadBatch batch = batch(Subprotocol.V3_BSATN, Compression.NONE, payloads);
    error(batch, 1, 20);
    batch.message(payloadBody(2), 0, 14);
    batch.flush();
    assertEquals(List.of(1, 2), ids(payloads.getFirst()));
  }

  private byte[] payloadBody(int id) {
    List<byte[]> payloads = new ArrayList<>();
    error(batch(Subprotocol.V2_BSATN, Compression.NONE, payloads), id, 14);
    return Arrays.copyOfRange(payloads.getFirst(), 1, 15);
  }

  @Test
  void aBatchServesOneConnectionAfterAnother() {
    List<byte[]> first = new ArrayList<>();
    List<byte[]> second = new ArrayList<>();
    PayloadBatch batch = batch(Subprotocol.V3_BSATN, Compression.NONE, first);
    error(batch, 1, 20);
    batch.receiver(new PayloadBatch.Receiver(Subprotocol.V2_BSATN, Compression.NONE, second::add));
    error(batch, 2, 20);
    assertEquals(List.of(1), ids(first.getFirst()));
    assertEquals(List.of(2), ids(second.getFirst()));
  }

  @Test
  void misuseIsABug() {
    PayloadBatch batch = batch(Subprotocol.V3_BSATN, Compression.NONE, new ArrayList<>());
    assertThrows(IllegalStateException.class, batch::endMessage);
    batch.messages().subscriptionDropped(1, "x");
    assertThrows(IllegalStateException.class, batch::flush);
    assertThrows(
        IllegalArgumentException.class,
        () -> new PayloadBatch.Receiver(Subprotocol.V1_JSON, Compression.NONE, payload -> {}));
  }
}
