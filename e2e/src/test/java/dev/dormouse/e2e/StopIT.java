package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ServerMessage;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM ends a node in good order, whatever its clients are doing. */
final class StopIT {
  @TempDir Path folder;

  @Test
  void clientsHearThatTheNodeStopsAndWhatWasAnsweredIsThere() throws Exception {
    Path data = folder.resolve("data");
    String token;
    AtomicInteger answered = new AtomicInteger();
    try (Platform platform = Platform.start(data)) {
      token = platform.token();
      String owner = token;
      platform.publish(token, "chat", "examples/chat/chat.wasm");
      WebSocketClient ann = WebSocketClient.connect(platform, "chat", "");
      ann.expect(ServerMessage.InitialConnection.class);
      Thread caller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (platform.call(owner, "chat", "send_message", "[\"m\"]").statusCode()
                          == 200) {
                        answered.incrementAndGet();
                      }
                    } catch (java.io.IOException e) {
                      // The node has gone: this call was not answered.
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      Platform.await("calls under way", () -> answered.get() > 20);

      assertEquals(0, platform.stop(), platform.log());
      assertEquals(1001, ann.awaitClosed().code());
      caller.join();
      assertFalse(platform.log().contains("ERROR"), platform.log());
    }
    try (Platform platform = Platform.start(data)) {
      String count = platform.sql(token, "chat", "SELECT COUNT(*) AS n FROM message");
      int there = Integer.parseInt(count.replaceAll(".*\"rows\":\\[\\[(\\d+)\\]\\].*", "$1"));
      assertTrue(
          there == answered.get() || there == answered.get() + 1,
          "%d answered, %d there".formatted(answered.get(), there));
      assertEquals(0, platform.stop(), platform.log());
    }
  }

  @Test
  void whoFollowsALogIsToldTheEnd() throws Exception {
    try (Platform platform = Platform.start(folder.resolve("data"));
        HttpClient http = HttpClient.newHttpClient()) {
      String token = platform.token();
      platform.publish(token, "chat", "examples/chat/chat.wasm");
      HttpResponse<InputStream> followed =
          http.send(
              platform.request("GET", "/v1/database/chat/logs?follow=true", token, new byte[0]),
              HttpResponse.BodyHandlers.ofInputStream());
      assertEquals(200, followed.statusCode());
      var lines =
          new BufferedReader(new InputStreamReader(followed.body(), StandardCharsets.UTF_8));
      assertTrue(lines.readLine().contains("message"));
      assertEquals(0, platform.stop(), platform.log());
      while (lines.readLine() != null) {
        // To the end, which is one: an answer that was cut off would throw.
      }
    }
  }
}
