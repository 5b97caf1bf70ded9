package dev.dormouse.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The requests of a training start: they make the JVM load and link what a first request needs, so
 * that the AOT cache has it. Spoken over a bare socket to keep an HTTP client out of the cache.
 */
final class Training {
  private static final int ROUNDS = 20;

  private Training() {}

  static void run(int port) throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      request(port, "GET", "/v1/ping");
      request(port, "POST", "/v1/identity");
      request(port, "GET", "/v1/identity/" + "0".repeat(64) + "/databases");
      request(port, "GET", "/v1/ping?token=x");
      request(port, "GET", "/v1/no-such-route");
    }
  }

  private static void request(int port, String method, String path) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "%s %s HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                  .formatted(method, path)
                  .getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      if (!answer.startsWith("HTTP/1.1 ") || answer.startsWith("HTTP/1.1 5")) {
        throw new IOException(method + " " + path + " was answered: " + answer);
      }
    }
  }
}
