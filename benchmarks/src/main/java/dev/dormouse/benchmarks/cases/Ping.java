package dev.dormouse.benchmarks.cases;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** {@code GET /v1/ping} on a bare socket: costs neither side more than it must. */
final class Ping {
  private static final long GLANCE = 2_000_000;

  private Ping() {}

  /** Returns once a ping is answered. */
  static void await(URI url, Duration wait) throws IOException {
    long until = System.nanoTime() + wait.toNanos();
    while (!answered(url)) {
      if (System.nanoTime() > until) {
        throw new IOException("no answer from " + url + " in " + wait);
      }
      LockSupport.parkNanos(GLANCE);
    }
  }

  private static boolean answered(URI url) {
    try (var socket = new Socket(url.getHost(), url.getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /v1/ping HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
    } catch (IOException e) {
      return false; // not there yet
    }
  }
}
