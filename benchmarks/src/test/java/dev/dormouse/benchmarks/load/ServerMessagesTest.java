package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ServerMessagesTest {
  /** Writes down what it is told. */
  private static final class Heard implements ServerMessages.Receiver {
    final List<String> lines = new ArrayList<>();

    @Override
    public void connected() {
      lines.add("InitialConnection");
    }

    @Override
    public void result(int requestId, Outcome outcome, String text) {
      lines.add("ReducerResult " + Integer.toUnsignedString(requestId) + " " + outcome + text);
    }

    @Override
    public void applied(int requestId) {
      lines.add("SubscribeApplied");
    }

    @Override
    public void refused(String error) {
      lines.add("SubscriptionError " + error);
    }

    @Override
    public void update() {
      lines.add("TransactionUpdate");
    }
  }

  private static List<String> read(byte[] payload) throws ProtocolException {
    var heard = new Heard();
    new ServerMessages(heard).read(Vectors.little(payload), 0, payload.length);
    return heard.lines;
  }

  /** What must be heard of a vector's message. */
  private static String expected(JsonNode message) {
    String kind = message.fieldNames().next();
    JsonNode body = message.get(kind);
    if (kind.equals("SubscriptionError")) {
      return kind + " " + body.get("error").asText();
    }
    if (!kind.equals("ReducerResult")) {
      return kind;
    }
    String variant = body.get("result").fieldNames().next();
    JsonNode value = body.get("result").get(variant);
    return kind
        + " "
        + body.get("request_id").asLong()
        + " "
        + switch (variant) {
          case "Ok" -> "OK";
          case "OkEmpty" -> "OK_EMPTY";
          case "Err" -> "ERROR";
          case "InternalError" -> "INTERNAL_ERROR" + value.asText();
          default -> throw new IllegalArgumentException(variant);
        };
  }

  /** Messages of the server that a client gets who only calls and subscribes. */
  private static Stream<JsonNode> server() throws IOException {
    return Vectors.read("client-v2-bsatn.json")
        .filter(vector -> vector.get("direction").asText().equals("server"))
        .filter(
            vector ->
                List.of(
                        "InitialConnection",
                        "SubscribeApplied",
                        "SubscriptionError",
                        "TransactionUpdate",
                        "ReducerResult")
                    .contains(vector.get("message").fieldNames().next()));
  }

  @Test
  void messagesAreReadAsTheVectorsSay() throws IOException {
    List<JsonNode> vectors = server().toList();
    assertTrue(vectors.size() >= 12, vectors.size() + " vectors");
    for (JsonNode vector : vectors) {
      assertEquals(
          List.of(expected(vector.get("message"))),
          read(Vectors.hex("00" + vector.get("hex").asText())),
          vector.get("id").asText());
    }
  }

  @Test
  void joinedMessagesAreReadOneAfterTheOther() throws IOException {
    List<JsonNode> vectors = server().toList();
    var hex = new StringBuilder("00");
    var expected = new ArrayList<String>();
    for (JsonNode vector : vectors) {
      hex.append(vector.get("hex").asText());
      expected.add(expected(vector.get("message")));
    }
    assertEquals(expected, read(Vectors.hex(hex.toString())));
  }

  @Test
  void anyCutIsAnErrorAndNeverARead() throws IOException {
    for (JsonNode vector : server().toList()) {
      byte[] whole = Vectors.hex("00" + vector.get("hex").asText());
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = java.util.Arrays.copyOf(whole, length);
        assertThrows(
            ProtocolException.class,
            () -> read(cut),
            vector.get("id").asText() + " cut to " + length);
      }
    }
  }

  @Test
  void compressionNobodyAskedForIsAnError() {
    assertThrows(ProtocolException.class, () -> read(Vectors.hex("0206")));
  }
}
