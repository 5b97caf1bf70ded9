package dev.dormouse.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The identity routes of the real process, through a restart. Source: spec http-api §4. */
final class IdentityIT {
  private static final Pattern CREATED =
      Pattern.compile("\\{\"identity\":\"(c200[0-9a-f]{60})\",\"token\":\"([^\"]+)\"}");

  @TempDir private Path data;

  @Test
  void identitiesOutliveARestartAndASecondPostgresIsNotLeft()
      throws IOException, InterruptedException {
    String identity;
    String token;
    try (var node = Node.ready(data)) {
      var created = node.request("POST", "/v1/identity");
      assertEquals(200, created.statusCode());
      assertEquals("application/json", created.headers().firstValue("content-type").orElse(""));
      var parts = CREATED.matcher(created.body());
      assertTrue(parts.matches(), created.body());
      identity = parts.group(1);
      token = parts.group(2);

      var key = node.request("GET", "/v1/identity/public-key");
      assertEquals(
          "application/pem-certificate-chain", key.headers().firstValue("content-type").orElse(""));
      assertEquals(Files.readString(data.resolve("keys/id_ecdsa.pub")), key.body());

      assertVerifies(node, identity, token);
      assertEquals(401, node.request("POST", "/v1/identity/websocket-token").statusCode());
      var minute =
          node.request("POST", "/v1/identity/websocket-token", "authorization", "Bearer " + token);
      assertEquals(200, minute.statusCode());
      String shortLived = minute.body().replaceAll("^\\{\"token\":\"|\"}$", "");
      assertVerifies(node, identity, shortLived);

      var databases = node.request("GET", "/v1/identity/" + identity + "/databases");
      assertEquals("{\"identities\":[]}", databases.body());
      assertEquals(400, node.request("GET", "/v1/identity/xyz/databases").statusCode());
      assertEquals(
          400, node.request("GET", "/v1/identity/0x" + identity + "/databases").statusCode());

      node.node().kill(); // no chance to stop PostgreSQL
      assertTrue(Files.exists(data.resolve("postgres/18/postmaster.pid")));
    }
    try (var node = Node.ready(data)) {
      assertVerifies(node, identity, token);
      node.node().terminate();
      assertEquals(0, node.node().status(), node.node().log());
    }
    assertTrue(Files.notExists(data.resolve("postgres/18/postmaster.pid")));
  }

  private static void assertVerifies(Node.Ready node, String identity, String token)
      throws IOException, InterruptedException {
    String path = "/v1/identity/" + identity + "/verify";
    String bearer = "Bearer " + token;
    assertEquals(204, node.request("GET", path, "authorization", bearer).statusCode());
    assertEquals(204, node.request("GET", path + "?token=" + token).statusCode());
    String other = "/v1/identity/" + "0".repeat(64) + "/verify";
    var refused = node.request("GET", other, "authorization", bearer);
    assertEquals(400, refused.statusCode());
    assertEquals("", refused.body());
    assertEquals(401, node.request("GET", path).statusCode());
    assertEquals(401, node.request("GET", path, "authorization", "Bearer x").statusCode());
    assertEquals(401, node.request("GET", "/v1/ping", "authorization", "Bearer x").statusCode());
  }
}
