package dev.dormouse.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HandshakeTest {
  static Stream<JsonNode> negotiations() {
    return Vectors.list(Vectors.read("client-handshake.json").get("negotiation")).stream();
  }

  static Stream<JsonNode> queries() {
    return Vectors.list(Vectors.read("client-handshake.json").get("query")).stream();
  }

  private static List<String> offered(JsonNode vector) {
    return vector.get("offered").isNull() ? List.of() : List.of(vector.get("offered").asText());
  }

  @ParameterizedTest
  @MethodSource("negotiations")
  void theServersOrderDecides(JsonNode vector) {
    Optional<String> chosen =
        Subprotocol.negotiate(offered(vector), EnumSet.allOf(Subprotocol.class))
            .map(Subprotocol::headerValue);
    assertEquals(
        vector.get("chosen").isNull()
            ? Optional.empty()
            : Optional.of(vector.get("chosen").asText()),
        chosen);
  }

  @ParameterizedTest
  @MethodSource("negotiations")
  void version1IsNotOfferedYet(JsonNode vector) {
    String chosen = vector.get("chosen").asText();
    assertEquals(
        chosen.startsWith("v3.") || chosen.startsWith("v2.")
            ? Optional.of(chosen)
            : Optional.empty(),
        Subprotocol.negotiate(offered(vector)).map(Subprotocol::headerValue));
    assertFalse(Subprotocol.refusal(offered(vector)).isEmpty());
  }

  @Test
  void headerLinesAreMerged() {
    assertEquals(
        Optional.of(Subprotocol.V3_BSATN),
        Subprotocol.negotiate(List.of("v2.bsatn.spacetimedb", " foo ,\tv3.bsatn.spacetimedb ")));
    assertEquals(Optional.empty(), Subprotocol.negotiate(List.of("V3.bsatn.spacetimedb")));
  }

  @ParameterizedTest
  @MethodSource("queries")
  void queriesAreTakenOrRefused(JsonNode vector) {
    String query = vector.get("query").asText();
    switch (vector.get("status").asInt()) {
      case 101 -> SubscribeParameters.parse(query);
      case 401 ->
          assertTrue(SubscribeParameters.token(query).isPresent(), "authentication refuses it");
      default -> {
        EngineException refusal =
            assertThrows(EngineException.class, () -> SubscribeParameters.parse(query));
        assertEquals(EngineException.Code.CALLER, refusal.code());
        assertFalse(refusal.text().isEmpty());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compression",
        "compression=Gzip&compression=Gzip",
        "token=a&token=b",
        "confirmed=true&x=1&confirmed=true",
        "confirmed=",
        "confirmed=%ff",
        "token=%e",
        "token=%zz",
        "connection_id=0x112233445566778899aabbccddeeff0",
        "connection_id=0x00112233445566778899aabbccddeeff",
        "connection_id=",
        "session_id=0011",
        "session_id=0x112233445566778899aabbccddeeff0",
        "session_id=",
        "light=true&light=false"
      })
  void malformedAndDuplicateParametersAreRefused(String query) {
    assertThrows(EngineException.class, () -> SubscribeParameters.parse(query));
  }

  @Test
  void parametersAreRead() {
    SubscribeParameters parameters =
        SubscribeParameters.parse(
            "token=a.b-c_d&connection_id=00112233445566778899AABBCCDDEEFF&compression=Gzip"
                + "&light=true&confirmed=false&session_id=000000000000000a000000000000000b");
    assertEquals(
        new SubscribeParameters(
            Optional.of("a.b-c_d"),
            Optional.of(ConnectionId.fromHex("00112233445566778899aabbccddeeff")),
            Compression.GZIP,
            true,
            Optional.of(false),
            Optional.of(new SessionId(10, 11))),
        parameters);
    assertEquals(
        "000000000000000a000000000000000b", parameters.sessionId().orElseThrow().toString());
    assertEquals(SubscribeParameters.DEFAULT, SubscribeParameters.parse(""));
    assertEquals(SubscribeParameters.DEFAULT, SubscribeParameters.parse("%zz=1&&=&Token=x"));
    assertEquals(Optional.of("a b+"), SubscribeParameters.parse("tok%65n=a+b%2B").token());
  }

  @Test
  void theTokenIsReadWithoutTheOthers() {
    assertEquals(Optional.of("t"), SubscribeParameters.token("compression=gzip&token=t&light=1"));
    assertEquals(Optional.empty(), SubscribeParameters.token("compression=gzip"));
    assertThrows(EngineException.class, () -> SubscribeParameters.token("token=a&token=b"));
  }

  @Test
  void confirmedReadsDependOnTheVersion() {
    SubscribeParameters silent = SubscribeParameters.DEFAULT;
    assertTrue(silent.confirmed(Subprotocol.V3_BSATN));
    assertTrue(silent.confirmed(Subprotocol.V2_BSATN));
    assertFalse(silent.confirmed(Subprotocol.V1_BSATN));
    assertFalse(silent.confirmed(Subprotocol.V1_JSON));
    assertFalse(SubscribeParameters.parse("confirmed=false").confirmed(Subprotocol.V3_BSATN));
  }

  @Test
  void upgradesAreChecked() {
    List<String> connection = List.of("keep-alive, Upgrade");
    List<String> upgrade = List.of("WebSocket");
    List<String> version = List.of("13");
    List<String> key = List.of("dGhlIHNhbXBsZSBub25jZQ==");
    List<String> none = List.of();
    assertEquals(Optional.empty(), UpgradeCheck.refusal("GET", connection, upgrade, version, key));
    assertEquals(405, status(UpgradeCheck.refusal("POST", connection, upgrade, version, key)));
    assertEquals(426, status(UpgradeCheck.refusal("GET", none, upgrade, version, key)));
    assertEquals(426, status(UpgradeCheck.refusal("GET", connection, none, version, key)));
    assertEquals(
        426, status(UpgradeCheck.refusal("GET", connection, List.of("h2c"), version, key)));
    assertEquals(400, status(UpgradeCheck.refusal("GET", connection, upgrade, List.of("8"), key)));
    assertEquals(400, status(UpgradeCheck.refusal("GET", connection, upgrade, none, key)));
    assertEquals(400, status(UpgradeCheck.refusal("GET", connection, upgrade, version, none)));
    assertTrue(UpgradeCheck.refusal("GET", none, none, none, none).orElseThrow().upgradeRequired());
  }

  private static int status(Optional<UpgradeCheck.Refusal> refusal) {
    return refusal.orElseThrow().status();
  }

  @Test
  void closeReasonsFitTheirFrame() {
    for (String text :
        List.of("x".repeat(200), "é".repeat(100), "😀".repeat(40), "ab😀".repeat(30))) {
      String reason = Closing.failure(text).reason();
      int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
      assertTrue(bytes <= 123 && bytes > 115, bytes + " bytes");
      assertTrue(text.startsWith(reason.substring(0, reason.length() - 1)) && reason.endsWith("…"));
    }
    assertEquals("x".repeat(123), Closing.failure("x".repeat(123)).reason());
    assertEquals("module exited", Closing.MODULE_EXITED.reason());
  }

  @Test
  void limitsKeepTheirRelations() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new ProtocolLimits(10, 11, 3, 2, 1, 1, 1, 10, 100, 2, 123, 2000));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ProtocolLimits(64, 10, 3, 2, 1, 1, 1, 100, 100, 2, 123, 2000));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ProtocolLimits(64, 10, 3, 2, 1, 1, 1, 10, 100, 2, 124, 2000));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ProtocolLimits(64, 10, 3, 0, 1, 1, 1, 10, 100, 2, 123, 2000));
  }
}
