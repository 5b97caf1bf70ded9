package dev.dormouse.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientMessageDecoderTest {
  private final ClientMessageDecoder decoder =
      new ClientMessageDecoder(ProtocolLimits.DEFAULT, new NameCache(64));

  static List<JsonNode> v2ClientVectors() {
    return Vectors.list(Vectors.read("client-v2-bsatn.json").get("vectors")).stream()
        .filter(vector -> vector.get("direction").asText().equals("client"))
        .toList();
  }

  static List<JsonNode> v3ClientVectors() {
    return Vectors.list(Vectors.read("client-v3-frames.json").get("vectors")).stream()
        .filter(vector -> vector.get("direction").asText().equals("client"))
        .toList();
  }

  static List<JsonNode> batchVectors() {
    return Vectors.list(Vectors.read("since-2.8.json").get("client_messages")).stream()
        .filter(vector -> vector.get("direction").asText().equals("client"))
        .toList();
  }

  private List<ClientMessage> decode(Subprotocol protocol, byte[] payload) {
    List<ClientMessage> messages = new ArrayList<>();
    decoder.start(protocol, payload, 0, payload.length);
    while (decoder.hasNext()) {
      messages.add(decoder.next());
    }
    return messages;
  }

  @ParameterizedTest
  @MethodSource("v2ClientVectors")
  void v2VectorsDecodeAndEncode(JsonNode vector) {
    List<ClientMessage> messages = decode(Subprotocol.V2_BSATN, Vectors.hex(vector.get("hex")));
    assertEquals(1, messages.size());
    assertEquals(vector.get("message"), MessageJson.of(messages.getFirst()));
    BsatnWriter out = new BsatnWriter();
    messages.getFirst().write(out);
    assertEquals(vector.get("hex").asText(), Vectors.hex(out));
  }

  @ParameterizedTest
  @MethodSource("v3ClientVectors")
  void v3VectorsDecodeOrAreRefused(JsonNode vector) {
    byte[] payload = Vectors.hex(vector.get("payload_hex"));
    if (vector.has("expect")) {
      DecodeException refusal =
          assertThrows(DecodeException.class, () -> decode(Subprotocol.V3_BSATN, payload));
      assertEquals(1011, Closing.undecodable(refusal).code());
      return;
    }
    Map<String, JsonNode> byId = new HashMap<>();
    for (JsonNode known : v2ClientVectors()) {
      byId.put(known.get("id").asText(), known.get("message"));
    }
    List<JsonNode> expected = new ArrayList<>();
    for (JsonNode message : vector.get("messages")) {
      expected.add(message.isTextual() ? byId.get(message.asText()) : message);
    }
    assertEquals(
        expected, decode(Subprotocol.V3_BSATN, payload).stream().map(MessageJson::of).toList());
  }

  @ParameterizedTest
  @MethodSource("batchVectors")
  void subscribeBatchVectorsRoundTrip(JsonNode vector) {
    List<ClientMessage> messages = decode(Subprotocol.V2_BSATN, Vectors.hex(vector.get("hex")));
    BsatnWriter out = new BsatnWriter();
    assertTrue(messages.getFirst() instanceof ClientMessage.SubscribeBatch);
    messages.getFirst().write(out);
    assertEquals(vector.get("hex").asText(), Vectors.hex(out));
  }

  @Test
  void subscribeBatchKeepsSetsAndQueriesInOrder() {
    JsonNode twoSets = batchVectors().get(2);
    assertEquals(
        List.of(
            new ClientMessage.SubscribeBatch(
                2,
                List.of(
                    new ClientMessage.QuerySet(7, List.of("SELECT * FROM a", "SELECT * FROM b")),
                    new ClientMessage.QuerySet(8, List.of())))),
        decode(Subprotocol.V3_BSATN, Vectors.hex(twoSets.get("hex"))));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void payloadsRoundTrip(long seed) {
    RandomMessages random = new RandomMessages(seed);
    for (int i = 0; i < 300; i++) {
      List<ClientMessage> messages = new ArrayList<>();
      BsatnWriter out = new BsatnWriter();
      for (int count = 0; count <= i % 5; count++) {
        ClientMessage message = random.client();
        messages.add(message);
        message.write(out);
      }
      assertEquals(
          messages, decode(Subprotocol.V3_BSATN, out.toByteArray()), "seed " + seed + " " + i);
      assertEquals(
          messages.subList(0, 1),
          decode(Subprotocol.V2_BSATN, out.toByteArray()),
          "v2 ignores what follows the first message");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedBytesDecodeOrAreRefused(long seed) {
    RandomMessages messages = new RandomMessages(seed);
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      BsatnWriter out = new BsatnWriter();
      messages.client().write(out);
      messages.client().write(out);
      byte[] payload = out.toByteArray();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        payload[random.nextInt(payload.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(payload.length + 1);
      try {
        decoder.start(Subprotocol.V3_BSATN, payload, 0, length);
        while (decoder.hasNext()) {
          decoder.next();
        }
      } catch (DecodeException e) {
        refused++;
        String reason = Closing.undecodable(e).reason();
        assertTrue(reason.getBytes(StandardCharsets.UTF_8).length <= 123, reason);
        assertFalse(decoder.hasNext(), "nothing follows a refusal");
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }

  @Test
  void argumentsAreAViewOfThePayload() {
    byte[] payload = HexFormat.of().parseHex("030100000000030000006164640700000003000000416e6e");
    var call = (ClientMessage.CallReducer) decode(Subprotocol.V3_BSATN, payload).getFirst();
    assertSame(payload, call.args().array());
    assertEquals(payload.length - 7, call.args().offset());
    assertEquals(7, call.args().length());
  }

  @Test
  void aKnownNameIsTheSameString() {
    byte[] payload = HexFormat.of().parseHex("030100000000030000006164640700000003000000416e6e");
    var first = (ClientMessage.CallReducer) decode(Subprotocol.V3_BSATN, payload).getFirst();
    var second = (ClientMessage.CallReducer) decode(Subprotocol.V2_BSATN, payload).getFirst();
    assertSame(first.reducer(), second.reducer());
  }

  @Test
  void messagesBeforeAnUndecodableOneAreDecoded() {
    byte[] payload = HexFormat.of().parseHex("0107000000030000000105");
    decoder.start(Subprotocol.V3_BSATN, payload, 0, payload.length);
    assertEquals(new ClientMessage.Unsubscribe(7, 3, true), decoder.next());
    assertThrows(DecodeException.class, decoder::next);
    assertThrows(NoSuchElementException.class, decoder::next);
  }

  @Test
  void hostileLengthsAreRefusedBeforeAllocation() {
    for (String hex :
        List.of(
            "000000000000000000ffffffff",
            "000000000000000000ffffff7f",
            "0200000000ffffffff",
            "030000000000ffffff7f",
            "0300000000000100000061ffffff7f",
            "0500000000ffffffff",
            "05000000000100000000000000ffffff7f")) {
      byte[] payload = HexFormat.of().parseHex(hex);
      assertThrows(DecodeException.class, () -> decode(Subprotocol.V2_BSATN, payload), hex);
    }
  }

  @Test
  void limitsRefuse() {
    ProtocolLimits limits = new ProtocolLimits(64, 10, 3, 2, 1, 1, 1, 10, 100, 2, 123, 1000);
    ClientMessageDecoder strict = new ClientMessageDecoder(limits, new NameCache(1));
    List<ClientMessage> refused =
        List.of(
            new ClientMessage.CallReducer(1, "four", ByteSlice.EMPTY),
            new ClientMessage.CallReducer(1, "add", ByteSlice.of(new byte[64])),
            new ClientMessage.Subscribe(1, 1, List.of("a", "b", "c")),
            new ClientMessage.SubscribeBatch(
                1,
                List.of(
                    new ClientMessage.QuerySet(1, List.of()),
                    new ClientMessage.QuerySet(2, List.of()))),
            new ClientMessage.SubscribeBatch(
                1, List.of(new ClientMessage.QuerySet(1, List.of("a", "b", "c")))));
    for (ClientMessage message : refused) {
      BsatnWriter out = new BsatnWriter();
      message.write(out);
      assertThrows(
          DecodeException.class,
          () -> {
            strict.start(Subprotocol.V2_BSATN, out.array(), 0, out.size());
            strict.next();
          },
          message.toString());
    }
    ClientMessage fits = new ClientMessage.CallReducer(1, "add", ByteSlice.of(new byte[40]));
    BsatnWriter out = new BsatnWriter();
    fits.write(out);
    strict.start(Subprotocol.V2_BSATN, out.array(), 0, out.size());
    assertEquals(fits, strict.next());
  }

  @Test
  void invalidFlagsAreRefused() {
    for (String hex :
        List.of(
            "030100000001040000006e6f6f7000000000",
            "040100000001040000006e6f6f7000000000",
            "01070000000300000002")) {
      byte[] payload = HexFormat.of().parseHex(hex);
      DecodeException refusal =
          assertThrows(DecodeException.class, () -> decode(Subprotocol.V2_BSATN, payload));
      assertTrue(refusal.text().contains("flags"), refusal.text());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"V2_BSATN", "V3_BSATN"})
  void anEmptyPayloadIsRefused(Subprotocol protocol) {
    assertThrows(DecodeException.class, () -> decode(protocol, new byte[0]));
  }

  @Test
  void namesThatAreNotUtf8AreRefused() {
    byte[] payload = HexFormat.of().parseHex("03010000000002000000c32800000000");
    assertThrows(DecodeException.class, () -> decode(Subprotocol.V2_BSATN, payload));
    assertThrows(DecodeException.class, () -> decode(Subprotocol.V2_BSATN, payload));
  }
}
