package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.residence.DatabaseState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The upgrade, and the order in which it is refused. Source: spec client-protocol §2. */
final class HandshakeTest {
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
  void anUpgradeSaysWhatWasAgreed() {
    var lines = new ArrayList<>(TestNode.upgradeHeaders(TestNode.V3));
    lines.add("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
    lines.add("Authorization: Bearer ann");
    try (RawClient client = node.request("GET", TestNode.CHAT, "", lines)) {
      assertEquals(101, client.status);
      assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", client.header("sec-websocket-accept"));
      assertEquals("upgrade", client.header("connection").toLowerCase(Locale.ROOT));
      assertEquals("websocket", client.header("upgrade").toLowerCase(Locale.ROOT));
      assertEquals(TestNode.V3, client.header("sec-websocket-protocol"));
      assertFalse(client.headers.containsKey("sec-websocket-extensions"));
      assertEquals(TestNode.identity("ann").toHex(), client.header("spacetime-identity"));
      assertEquals("ann", client.header("spacetime-identity-token"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v3.bsatn.spacetimedb, v2.bsatn.spacetimedb | v3.bsatn.spacetimedb",
        "v2.bsatn.spacetimedb,v3.bsatn.spacetimedb  | v3.bsatn.spacetimedb",
        "v1.bsatn.spacetimedb, v2.bsatn.spacetimedb | v2.bsatn.spacetimedb",
        "foo ,v2.bsatn.spacetimedb                  | v2.bsatn.spacetimedb",
      })
  void theServersOrderOfSubprotocolsDecides(String offered, String chosen) {
    try (RawClient client =
        node.request("GET", TestNode.CHAT, "", TestNode.upgradeHeaders(offered))) {
      assertEquals(101, client.status);
      assertEquals(chosen, client.header("sec-websocket-protocol"));
    }
  }

  @Test
  void headerLinesAreMerged() {
    var lines = new ArrayList<>(TestNode.upgradeHeaders(TestNode.V2, TestNode.V3));
    lines.addFirst("Connection: keep-alive");
    try (RawClient client = node.request("GET", TestNode.CHAT, "", lines)) {
      assertEquals(101, client.status);
      assertEquals(TestNode.V3, client.header("sec-websocket-protocol"));
    }
  }

  /** One request that is wrong in every way, set right step by step. */
  @Test
  void theFirstThingThatIsWrongIsAnswered() {
    List<String> lines = new ArrayList<>();
    assertRefused(401, "POST", "_", "token=bad&connection_id=0", lines);
    assertRefused(405, "POST", "_", "connection_id=0", lines);
    RawClient upgradeRequired = assertRefused(426, "GET", "_", "connection_id=0", lines);
    assertEquals("upgrade", upgradeRequired.header("connection"));
    assertEquals("websocket", upgradeRequired.header("upgrade"));
    lines.add("Connection: keep-alive, Upgrade");
    assertRefused(426, "GET", "_", "connection_id=0", lines);
    lines.add("Upgrade: websocket");
    assertRefused(400, "GET", "_", "connection_id=0", lines);
    lines.add("Sec-WebSocket-Version: 13");
    assertRefused(400, "GET", "_", "connection_id=0", lines);
    lines.add("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    assertRefused(400, "GET", "_", "connection_id=" + "0".repeat(32), lines);
    assertRefused(400, "GET", "_", "", lines);
    RawClient unknown = assertRefused(404, "GET", "nobody", "", lines);
    assertEquals("`nobody` not found", unknown.body);
    RawClient noProtocol = assertRefused(400, "GET", TestNode.CHAT, "", lines);
    assertTrue(noProtocol.body.contains("Sec-WebSocket-Protocol"), noProtocol.body);
    lines.add("Sec-WebSocket-Protocol: v1.bsatn.spacetimedb");
    assertRefused(400, "GET", TestNode.CHAT, "", lines);
    lines.add("Sec-WebSocket-Protocol: " + TestNode.V2);
    assertRefused(101, "GET", TestNode.CHAT, "", lines);
  }

  private RawClient assertRefused(
      int status, String method, String name, String query, List<String> lines) {
    try (RawClient client = node.request(method, name, query, lines)) {
      assertEquals(status, client.status, client.body);
      assertTrue(status == 101 || !client.body.isEmpty(), "a refusal has a text");
      assertEquals(status != 401, client.headers.containsKey("spacetime-identity"));
      return client;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"compression=gzip", "confirmed=yes", "light=1", "session_id=0011"})
  void malformedParametersAreRefused(String query) {
    assertRefused(400, "GET", TestNode.CHAT, query, TestNode.upgradeHeaders(TestNode.V3));
  }

  @Test
  void aRefusedUpgradeDoesNotWake() {
    try (TestNode sleepy = new TestNode()) {
      sleepy.sleep();
      for (String query : List.of("token=bad", "compression=gzip")) {
        sleepy.request("GET", TestNode.CHAT, query, TestNode.upgradeHeaders(TestNode.V3)).close();
      }
      sleepy.request("GET", TestNode.CHAT, "", TestNode.upgradeHeaders("foo")).close();
      assertEquals(DatabaseState.ASLEEP, sleepy.state());
      sleepy.connect("").close();
    }
  }
}
