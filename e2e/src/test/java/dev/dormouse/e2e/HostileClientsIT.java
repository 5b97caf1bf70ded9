package dev.dormouse.e2e;

import static dev.dormouse.e2e.Bystanders.ATTACKED;
import static dev.dormouse.e2e.RawSocket.BINARY;
import static dev.dormouse.e2e.RawSocket.CONTINUATION;
import static dev.dormouse.e2e.RawSocket.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.QueryOutcome;
import dev.dormouse.protocol.ReducerOutcome;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.sats.BsatnWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that lie, intrude and talk nonsense: each gets the answer of the spec, nobody is hurt.
 */
final class HostileClientsIT {
  private static final int MESSAGE_BYTES_MAX = 32 << 20;

  @TempDir private static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Bystanders bystanders;

  @BeforeAll
  static void start() throws Exception {
    bystanders = new Bystanders(folder.resolve("data"));
  }

  @AfterAll
  static void stop() throws Exception {
    bystanders.stop();
  }

  @AfterEach
  void nobodyIsHurt() throws Exception {
    bystanders.unhurt();
  }

  private static HttpResponse<String> http(String method, String path, String token, String body)
      throws IOException, InterruptedException {
    return bystanders.platform.send(method, path, token, body.getBytes(StandardCharsets.UTF_8));
  }

  // ---- tokens ----

  private static String jwt(String claims, PrivateKey key) throws GeneralSecurityException {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String text =
        base64.encodeToString(
                "{\"typ\":\"JWT\",\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(key);
    signature.update(text.getBytes(StandardCharsets.US_ASCII));
    return text + "." + base64.encodeToString(signature.sign());
  }

  private static PrivateKey strangersKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair().getPrivate();
  }

  private static PrivateKey platformsKey() throws IOException, GeneralSecurityException {
    String pem = Files.readString(folder.resolve("data/keys/id_ecdsa"));
    String base64 = pem.replaceAll("-----[^-]+-----", "").replaceAll("\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  static Stream<Arguments> badTokens() throws IOException, GeneralSecurityException {
    String good = bystanders.owner;
    int payload = good.indexOf('.') + 1;
    String tampered =
        good.substring(0, payload + 10)
            + (good.charAt(payload + 10) == 'A' ? 'B' : 'A')
            + good.substring(payload + 11);
    String claims = "{\"iss\":\"%s\",\"sub\":\"mallory\",\"iat\":1700000000%s}";
    String unsigned =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
            + good.substring(payload - 1, good.lastIndexOf('.') + 1);
    return Stream.of(
        Arguments.of("no token at all", "Bearer nonsense", 401),
        Arguments.of("two dots", "Bearer ..", 401),
        Arguments.of("another scheme", "Basic YTpi", 400),
        Arguments.of("a changed payload", "Bearer " + tampered, 401),
        Arguments.of("algorithm none", "Bearer " + unsigned, 401),
        Arguments.of(
            "a stranger's signature",
            "Bearer " + jwt(claims.formatted("localhost", ""), strangersKey()),
            401),
        Arguments.of(
            "expired",
            "Bearer " + jwt(claims.formatted("localhost", ",\"exp\":1700000001"), platformsKey()),
            401),
        Arguments.of(
            "an issuer that is this machine",
            "Bearer " + jwt(claims.formatted("http://127.0.0.1:1", ""), strangersKey()),
            401),
        Arguments.of(
            "an issuer that is no address",
            "Bearer " + jwt(claims.formatted("gopher:/%zz", ""), strangersKey()),
            401),
        Arguments.of("longer than any token", "Bearer " + "a".repeat(17_000), 401));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badTokens")
  void aBadTokenIsRefusedOverHttpAndBeforeTheUpgrade(String what, String header, int status)
      throws Exception {
    try (RawSocket socket = RawSocket.open(bystanders.platform)) {
      RawSocket.Response response =
          socket.request(
              "GET /v1/database/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n"
                  .formatted(ATTACKED, header));
      assertEquals(status, response.status(), what + ": " + response);
      assertTrue(!response.body().isEmpty() && response.body().length() < 500, response.body());
    }
    try (RawSocket socket = RawSocket.open(bystanders.platform)) {
      RawSocket.Response response =
          socket.request(
              RawSocket.upgrade(
                  ATTACKED, "v3.bsatn.spacetimedb", "", "Authorization: " + header + "\r\n"));
      assertEquals(status, response.status(), what + ": " + response);
    }
  }

  // ---- what is not theirs ----

  @Test
  void aStrangerNeitherDeletesNorChangesNorReadsTheLogs() throws Exception {
    String stranger = bystanders.platform.token();
    byte[] module = Files.readAllBytes(Platform.root().resolve("examples/bank/bank.wasm"));
    String database = "/v1/database/" + ATTACKED;
    for (String token : new String[] {stranger, ""}) {
      assertEquals(403, http("DELETE", database, token, "").statusCode());
      assertEquals(403, bystanders.platform.send("PUT", database, token, module).statusCode());
      assertEquals(
          403,
          bystanders.platform.send("PUT", database + "?clear=true", token, module).statusCode());
      assertEquals(
          403, bystanders.platform.send("PUT", database + "/reset", token, module).statusCode());
      assertEquals(403, http("POST", database + "/lock", token, "").statusCode());
      assertEquals(403, http("GET", database + "/logs", token, "").statusCode());
      assertEquals(401, http("PUT", database + "/names", token, "[\"mine\"]").statusCode());
      HttpResponse<String> write = http("POST", database + "/sql", token, "DELETE FROM message");
      assertEquals(400, write.statusCode(), write.body());
      HttpResponse<String> secret =
          http("POST", database + "/sql", token, "SELECT * FROM st_connection_credentials");
      assertEquals(400, secret.statusCode(), secret.body());
    }
  }

  @Test
  void anUnknownDatabaseIsNotFound() throws Exception {
    String absent = "/v1/database/nobody-made-this";
    for (String path : new String[] {absent, absent + "/schema?version=9", absent + "/logs"}) {
      HttpResponse<String> answer = http("GET", path, bystanders.owner, "");
      assertEquals(404, answer.statusCode(), path);
      assertEquals("`nobody-made-this` not found", answer.body());
    }
    assertEquals(404, http("POST", absent + "/call/x", "", "[]").statusCode());
    assertEquals(404, http("POST", absent + "/sql", "", "SELECT 1").statusCode());
    assertEquals(404, http("GET", "/v1/database/" + "ab".repeat(32), "", "").statusCode());
    assertEquals(400, http("GET", "/v1/database/Not_A%20Name", "", "").statusCode());
    try (RawSocket socket = RawSocket.open(bystanders.platform)) {
      assertEquals(
          404,
          socket
              .request(RawSocket.upgrade("nobody-made-this", "v3.bsatn.spacetimedb", "", ""))
              .status());
    }
  }

  // ---- upgrades and frames ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "''| 400",
        "graphql-ws| 400",
        "v9.bsatn.spacetimedb| 400",
        "V3.BSATN.SPACETIMEDB| 400",
        "v3.bsatn.spacetimedb;x| 400",
      })
  void aWrongSubprotocolIsRefused(String subprotocol, int status) throws Exception {
    try (RawSocket socket = RawSocket.open(bystanders.platform)) {
      assertEquals(
          status, socket.request(RawSocket.upgrade(ATTACKED, subprotocol, "", "")).status());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "connection_id=00000000000000000000000000000000",
    "connection_id=xyz",
    "connection_id=%ff%fe",
    "compression=zip",
    "confirmed=maybe",
    "connection_id=%zz",
  })
  void aBadParameterIsRefused(String query) throws Exception {
    try (RawSocket socket = RawSocket.open(bystanders.platform)) {
      RawSocket.Response response =
          socket.request(RawSocket.upgrade(ATTACKED, "v3.bsatn.spacetimedb", query, ""));
      assertEquals(400, response.status(), response.toString());
    }
  }

  static Stream<Arguments> badFrames() {
    byte[] some = new byte[8];
    return Stream.of(
        Arguments.of("unmasked", join(RawSocket.header(0x82, false, 8), some), 1002),
        Arguments.of("reserved bits", join(RawSocket.header(0xf2, true, 8), some), 1002),
        Arguments.of("unknown opcode", join(RawSocket.header(0x83, true, 8), some), 1002),
        Arguments.of("unknown control opcode", join(RawSocket.header(0x8b, true, 8), some), 1002),
        Arguments.of("a long ping", join(RawSocket.header(0x89, true, 200), new byte[200]), 1002),
        Arguments.of("half a ping", join(RawSocket.header(0x09, true, 8), some), 1002),
        Arguments.of(
            "a continuation of nothing", join(RawSocket.header(0x80, true, 8), some), 1002),
        Arguments.of(
            "a message within a message",
            join(RawSocket.header(0x02, true, 8), some, RawSocket.header(0x82, true, 8), some),
            1002),
        Arguments.of("a length of 2^63", RawSocket.header(0x82, true, Long.MIN_VALUE), 1002),
        Arguments.of("a length of 4 GiB", RawSocket.header(0x82, true, 1L << 32), 1009),
        Arguments.of("a text", join(RawSocket.header(0x80 | TEXT, true, 8), some), 1011),
        Arguments.of(
            "a text that is no text", join(RawSocket.header(0x81, true, 1), new byte[] {-1}), 1011),
        Arguments.of(
            "a close of one byte", join(RawSocket.header(0x88, true, 1), new byte[1]), 1002));
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badFrames")
  void aBadFrameEndsItsConnection(String what, byte[] bytes, int code) throws Exception {
    try (RawSocket socket = RawSocket.upgraded(bystanders.platform, ATTACKED, 0)) {
      socket.write(bytes);
      RawSocket.End end = socket.end();
      assertTrue(end.code() == code || end.code() == -1, what + ": " + end);
    }
  }

  // ---- messages ----

  private static BsatnWriter message(int tag) {
    BsatnWriter out = new BsatnWriter();
    out.writeTag(tag);
    return out;
  }

  static Stream<Arguments> badMessages() {
    return Stream.of(
        Arguments.of("nothing", new byte[0]),
        Arguments.of("unknown tag", new byte[] {99}),
        Arguments.of("a tag alone", new byte[] {3}),
        Arguments.of("half a request id", new byte[] {0, 1, 0}),
        Arguments.of(
            "a name of 4 GiB", message(3).writeI32(1).writeU8(0).writeI32(-1).toByteArray()),
        Arguments.of(
            "arguments of 2 GiB",
            message(3)
                .writeI32(1)
                .writeU8(0)
                .writeString("send_message")
                .writeI32(Integer.MAX_VALUE)
                .toByteArray()),
        Arguments.of(
            "2^31 queries",
            message(0).writeI32(1).writeI32(1).writeI32(Integer.MIN_VALUE).toByteArray()),
        Arguments.of(
            "more queries than bytes",
            message(0).writeI32(1).writeI32(1).writeI32(10).writeString("SELECT").toByteArray()),
        Arguments.of(
            "unknown call flags",
            message(3).writeI32(1).writeU8(7).writeString("x").writeI32(0).toByteArray()),
        Arguments.of(
            "a query that is no text",
            join(message(2).writeI32(1).writeI32(2).toByteArray(), new byte[] {-1, -2})),
        Arguments.of(
            "a good one, then garbage",
            join(
                message(2).writeI32(1).writeString("SELECT * FROM user").toByteArray(),
                new byte[] {77})));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badMessages")
  void aMessageThatDoesNotDecodeIsClosedWithItsReason(String what, byte[] bytes) throws Exception {
    try (RawSocket socket = RawSocket.upgraded(bystanders.platform, ATTACKED, 0)) {
      socket.frame(BINARY, true, bytes);
      RawSocket.End end = socket.end();
      assertEquals(1011, end.code(), what + ": " + end);
      assertTrue(!end.reason().isEmpty(), what + ": " + end);
    }
  }

  @Test
  void argumentsThatAreNotTheReducersFailTheCallAndNothingElse() throws Exception {
    try (WebSocketClient client = WebSocketClient.connect(bystanders.platform, ATTACKED, "")) {
      client.expect(ServerMessage.InitialConnection.class);
      byte[][] arguments = {
        {}, {1}, {-1, -1, -1, -1}, {2, 0, 0, 0, -1, -1}, new byte[100_000],
      };
      for (byte[] each : arguments) {
        client.send(
            new ClientMessage.CallReducer(1, "send_message", new ByteSlice(each, 0, each.length)));
        var result = client.expect(ServerMessage.ReducerResult.class);
        assertTrue(
            !(result.result() instanceof ReducerOutcome.Ok),
            Arrays.toString(Arrays.copyOf(each, Math.min(each.length, 8))) + ": " + result);
      }
    }
  }

  @Test
  void aMessageOverTheLimitEndsItsConnection() throws Exception {
    byte[] most = new byte[MESSAGE_BYTES_MAX];
    try (RawSocket socket = RawSocket.upgraded(bystanders.platform, ATTACKED, 0)) {
      socket.frame(BINARY, true, new byte[MESSAGE_BYTES_MAX + (1 << 20)]);
      RawSocket.End end = socket.end();
      assertTrue(end.code() == 1009 || end.code() == -1, end.toString());
    }
    try (RawSocket socket = RawSocket.upgraded(bystanders.platform, ATTACKED, 0)) {
      byte[] part = new byte[1 << 20];
      boolean open = socket.frame(BINARY, false, part);
      for (int i = 0; open && i < 64; i++) {
        open = socket.frame(CONTINUATION, false, part);
      }
      RawSocket.End end = socket.end();
      assertTrue(end.code() == 1009 || end.code() == -1, end.toString());
    }
    try (RawSocket socket = RawSocket.upgraded(bystanders.platform, ATTACKED, 0)) {
      most[0] = 99; // As long as allowed: it is read, and found to be nonsense.
      socket.frame(BINARY, true, most);
      RawSocket.End end = socket.end();
      assertEquals(1011, end.code(), end.toString());
    }
  }

  @Test
  void aMessageInFragmentsWithoutEndIsHeardOutAndForgotten() throws Exception {
    try (RawSocket socket = RawSocket.upgraded(bystanders.platform, ATTACKED, 0)) {
      assertTrue(socket.frame(BINARY, false, new byte[] {2}));
      for (int i = 0; i < 20_000; i++) {
        assertTrue(socket.frame(CONTINUATION, false, new byte[i % 2]));
      }
    }
  }

  // ---- JSON ----

  static Stream<Arguments> badJson() {
    String deep = "[".repeat(100_000);
    return Stream.of(
        Arguments.of("nothing", "".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("half", "[\"a".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("deep", deep.getBytes(StandardCharsets.UTF_8)),
        Arguments.of(
            "deep and closed", (deep + "]".repeat(100_000)).getBytes(StandardCharsets.UTF_8)),
        Arguments.of("deep objects", "{\"a\":".repeat(100_000).getBytes(StandardCharsets.UTF_8)),
        Arguments.of(
            "a number of a million digits",
            ("[" + "9".repeat(1_000_000) + "]").getBytes(StandardCharsets.UTF_8)),
        Arguments.of("a huge exponent", "[1e999999999]".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("no UTF-8", new byte[] {'[', '"', -1, -2, '"', ']'}),
        Arguments.of("half a surrogate", "[\"\\ud800\"]".getBytes(StandardCharsets.UTF_8)),
        Arguments.of(
            "a key twice", "{\"text\":\"a\",\"text\":\"b\"}".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("garbage behind", "[\"a\"] x".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("two documents", "[\"a\"][\"a\"]".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("too many", "[\"a\",\"b\"]".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("the wrong type", "[{\"a\":1}]".getBytes(StandardCharsets.UTF_8)),
        Arguments.of("NUL", new byte[] {0, 0, 0, 0}),
        Arguments.of("UTF-16", "[\"a\"]".getBytes(StandardCharsets.UTF_16)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badJson")
  void badJsonIsRefused(String what, byte[] body) throws Exception {
    HttpResponse<String> answer =
        bystanders.platform.send(
            "POST", "/v1/database/" + ATTACKED + "/call/send_message", "", body);
    assertEquals(400, answer.statusCode(), what + ": " + answer.body());
    assertTrue(
        !answer.body().isEmpty() && answer.body().length() < 1_000, what + ": " + answer.body());
  }

  // ---- SQL ----

  static Stream<Arguments> badSql() {
    String where = "SELECT * FROM message WHERE ";
    return Stream.of(
        Arguments.of("nothing", ""),
        Arguments.of("deep parentheses", where + "(".repeat(20_000) + "text = 'a'"),
        Arguments.of(
            "deep and closed", where + "(".repeat(20_000) + "text = 'a'" + ")".repeat(20_000)),
        Arguments.of("NOT for ever", where + "NOT ".repeat(12_000) + "text = 'a'"),
        Arguments.of("a megabyte", where + "text = '" + "a".repeat(1 << 20) + "'"),
        Arguments.of(
            "a megabyte of conditions", where + "text = 'a' OR ".repeat(80_000) + "text = 'a'"),
        Arguments.of("an unterminated text", where + "text = 'a"),
        Arguments.of("an unterminated name", "SELECT * FROM \"message"),
        Arguments.of("an unterminated comment", "SELECT * FROM message /* "),
        Arguments.of("a giant literal", where + "sent = " + "9".repeat(40_000)),
        Arguments.of("a giant hex literal", where + "sender = 0x" + "f".repeat(40_000)),
        Arguments.of("two statements", "SELECT * FROM user; DELETE FROM user"),
        Arguments.of("no table", "SELECT * FROM \u0000"),
        Arguments.of("another language", "DROP TABLE message"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badSql")
  void badSqlIsRefused(String what, String sql) throws Exception {
    HttpResponse<String> answer = http("POST", "/v1/database/" + ATTACKED + "/sql", "", sql);
    assertEquals(400, answer.statusCode(), what + ": " + answer.body());
    assertTrue(
        !answer.body().isEmpty() && answer.body().length() < 1_000, what + ": " + answer.body());
    try (WebSocketClient client = WebSocketClient.connect(bystanders.platform, ATTACKED, "")) {
      client.expect(ServerMessage.InitialConnection.class);
      client.send(new ClientMessage.OneOffQuery(1, sql));
      var asked = client.expect(ServerMessage.OneOffQueryResult.class);
      assertTrue(asked.result() instanceof QueryOutcome.Failed, what + ": " + asked);
      client.send(new ClientMessage.Subscribe(2, 1, List.of(sql)));
      client.expect(ServerMessage.SubscriptionError.class);
    }
  }
}
