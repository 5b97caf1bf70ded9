package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clients of the official SDK in one chat. */
final class ChatClientIT {
  private static final int PATIENCE_SECONDS = 30;

  @TempDir Path folder;

  private static final class ChatClient implements AutoCloseable {
    private final Process process;
    private final Writer input;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

    ChatClient(Platform platform, String name) throws IOException {
      process =
          new ProcessBuilder(
                  "node",
                  "client.mjs",
                  "--url",
                  platform.address().toString().replace("http://", "ws://"),
                  "--db",
                  "chat",
                  "--name",
                  name,
                  "--json")
              .directory(Platform.root().resolve("examples/chat/client").toFile())
              .redirectErrorStream(true)
              .start();
      input = process.outputWriter(StandardCharsets.UTF_8);
      Thread reader =
          new Thread(
              () -> {
                var output =
                    new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                output.lines().forEach(lines::add);
              });
      reader.setDaemon(true);
      reader.start();
    }

    void type(String line) throws IOException {
      input.write(line + "\n");
      input.flush();
    }

    /** Reads events until one has all of these parts. */
    void awaitEvent(String... parts) throws InterruptedException {
      StringBuilder seen = new StringBuilder();
      while (true) {
        String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
          throw new IllegalStateException(
              "no event with %s in: %s".formatted(String.join(" and ", parts), seen));
        }
        seen.append(line).append('\n');
        boolean all = true;
        for (String part : parts) {
          all &= line.contains(part);
        }
        if (all) {
          return;
        }
      }
    }

    @Override
    public void close() throws IOException {
      input.close();
      try {
        if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process.destroyForcibly();
    }
  }

  @Test
  void twoClientsSeeEachOther() throws Exception {
    try (Platform platform = Platform.start(folder.resolve("data"), "--idle-after", "500ms")) {
      String token = platform.token();
      platform.publish(token, "chat", "examples/chat/chat.wasm");
      try (ChatClient ann = new ChatClient(platform, "Ann")) {
        ann.awaitEvent("\"subscribed\"");
        try (ChatClient bob = new ChatClient(platform, "Bob")) {
          bob.awaitEvent("\"subscribed\"");
          ann.awaitEvent("\"user\"", "\"Bob\"", "\"online\":true");
          bob.type("hello Ann");
          ann.awaitEvent("\"message\"", "hello Ann");
          platform.awaitAsleep(token, "chat");
          ann.type("hello Bob, we woke it");
          bob.awaitEvent("\"message\"", "hello Bob, we woke it");
        }
        ann.awaitEvent("\"user\"", "\"Bob\"", "\"online\":false");
      }
      assertEquals(0, platform.stop(), platform.log());
    }
  }
}
