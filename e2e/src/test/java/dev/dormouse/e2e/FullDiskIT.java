package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ReducerOutcome;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.sats.BsatnWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Full disks: the journal and the archive lie on small file systems of the process's own (a mount
 * name space and tmpfs, as root or in a user name space; where the machine allows neither, the test
 * is aborted and says so).
 */
final class FullDiskIT {
  private static final int MEGABYTE = 1 << 20;
  private static final int JOURNAL_BYTES = 6 * MEGABYTE;
  private static final int FREE_BYTES_MIN = MEGABYTE / 2;
  private static final Pattern TEXT = Pattern.compile("\\[\"([^\"]{1,20})[^\"]*\"\\]");

  @TempDir Path folder;

  /** The command that mounts and then becomes the one behind it. */
  private static List<String> onSmallDisks(Path data) throws Exception {
    String mounts =
        "mount -t tmpfs -o size=%d tmpfs '%s' && mount -t tmpfs -o size=%d tmpfs '%s' && exec \"$@\""
            .formatted(JOURNAL_BYTES, data.resolve("journal"), MEGABYTE, data.resolve("segments"));
    for (String unshare : List.of("-m", "-Urm")) {
      List<String> around = List.of("unshare", unshare, "sh", "-c", mounts, "sh");
      List<String> tried = new ArrayList<>(around);
      tried.add("true");
      try {
        if (new ProcessBuilder(tried).redirectErrorStream(true).start().waitFor() == 0) {
          return around;
        }
      } catch (IOException absent) {
        break; // No unshare here.
      }
    }
    return abort("this machine lets us mount no small disks, so they cannot be filled");
  }

  private static ClientMessage call(int requestId, String text) {
    byte[] arguments = new BsatnWriter().writeString(text).toByteArray();
    return new ClientMessage.CallReducer(
        requestId, "send_message", new ByteSlice(arguments, 0, arguments.length));
  }

  /** Text that does not get shorter by packing. */
  private static String text(String name, int bytes) {
    Random random = new Random(name.hashCode());
    StringBuilder text = new StringBuilder(name + " ");
    while (text.length() < bytes) {
      text.append(Long.toString(random.nextLong() >>> 1, 36));
    }
    return text.substring(0, bytes);
  }

  private static List<String> said(Platform platform, String token) throws Exception {
    List<String> texts = new ArrayList<>();
    Matcher rows = TEXT.matcher(platform.sql(token, "chat", "SELECT text FROM message"));
    while (rows.find()) {
      texts.add(rows.group(1).split(" ", -1)[0]);
    }
    texts.sort(null);
    return texts;
  }

  private static HttpResponse<String> say(Platform platform, String token, String text)
      throws Exception {
    return platform.call(token, "chat", "send_message", "[\"" + text + "\"]");
  }

  private static void awaitTaken(Platform platform, String token, String text) {
    Platform.await(
        "writes",
        () -> {
          try {
            return say(platform, token, text).statusCode() == 200;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void fill(Path ballast, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(ballast.toFile(), "rw")) {
      byte[] block = new byte[64 << 10];
      for (long at = 0; at < bytes; at += block.length) {
        file.write(block, 0, (int) Math.min(block.length, bytes - at));
      }
    }
  }

  @Test
  void aFullDiskIsToldAndNothingAnsweredIsLost() throws Exception {
    Path data = folder.resolve("data");
    Path journal = Files.createDirectories(data.resolve("journal"));
    Path segments = Files.createDirectories(data.resolve("segments"));
    try (Platform platform =
        Platform.start(
            data,
            onSmallDisks(data),
            Map.of("dormouse.free-disk-bytes", Integer.toString(FREE_BYTES_MIN)),
            "--idle-after",
            "500ms")) {
      Path seen = Path.of("/proc/" + platform.pid() + "/root");
      Path inJournal = seen.resolve(Path.of("/").relativize(journal)).resolve("Ballast");
      Path inArchive = seen.resolve(Path.of("/").relativize(segments)).resolve("Ballast");
      String token = platform.token();
      platform.publish(token, "chat", "examples/chat/chat.wasm");
      assertEquals(200, say(platform, token, "first").statusCode());

      nearlyFull(platform, token, journal, inJournal);
      full(platform, token, inJournal);
      fullArchive(platform, token, inArchive);
      assertEquals(
          List.of("archived", "broken", "first", "mended", "open", "roomy"),
          said(platform, token).stream().distinct().sorted().toList());
      assertEquals(0, platform.stop(), platform.log());
    }
  }

  /** Below the reserve new writes are refused, and only they. */
  private static void nearlyFull(Platform platform, String token, Path journal, Path ballast)
      throws Exception {
    try (WebSocketClient ann = WebSocketClient.connect(platform, "chat", "")) {
      ann.expect(ServerMessage.InitialConnection.class);
      fill(ballast, JOURNAL_BYTES - FREE_BYTES_MIN);
      Optional<HttpResponse<String>> refused = Optional.empty();
      while (refused.isEmpty()) {
        HttpResponse<String> answer = say(platform, token, "first");
        refused = Optional.of(answer).filter(each -> each.statusCode() != 200);
      }
      assertEquals(503, refused.get().statusCode());
      assertTrue(
          refused
              .get()
              .body()
              .matches(
                  "no new writes: folder \\Q"
                      + journal
                      + "\\E has \\d+ bytes free, limit "
                      + FREE_BYTES_MIN
                      + " bytes"),
          refused.get().body());
      ann.send(call(1, "refused"));
      ServerMessage.ReducerResult told = ann.expect(ServerMessage.ReducerResult.class);
      ReducerOutcome.Internal refusal =
          assertInstanceOf(ReducerOutcome.Internal.class, told.result());
      assertTrue(refusal.error().contains("no new writes"), refusal.error());
      ann.send(new ClientMessage.Subscribe(2, 1, List.of("SELECT * FROM message")));
      ann.expect(ServerMessage.SubscribeApplied.class);
      assertEquals(200, platform.send("GET", "/v1/ping", "", new byte[0]).statusCode());
      Files.delete(ballast);
      awaitTaken(platform, token, "roomy");
      ann.expect(ServerMessage.TransactionUpdate.class);
      ann.send(call(3, "open"));
      assertInstanceOf(
          ReducerOutcome.Ok.class, ann.expect(ServerMessage.ReducerResult.class).result());
    }
  }

  /** A write that fails ends what rests on it, and nothing else, and only for now. */
  private static void full(Platform platform, String token, Path ballast) throws Exception {
    fill(ballast, 0);
    fill(ballast, ballast.toFile().getUsableSpace() - 2 * FREE_BYTES_MIN);
    try (WebSocketClient ann = WebSocketClient.connect(platform, "chat", "")) {
      ann.expect(ServerMessage.InitialConnection.class);
      HttpResponse<String> broken = say(platform, token, text("lost", 3 * MEGABYTE / 2));
      assertEquals(503, broken.statusCode(), broken.body());
      assertTrue(broken.body().contains("No space left on device"), broken.body());
      assertEquals(1001, ann.awaitClosed().code());
    }
    awaitTaken(platform, token, "mended");
    Files.delete(ballast);
    assertTrue(platform.log().contains("the journal is written again"), platform.log());
    String clients = platform.sql(token, "chat", "SELECT COUNT(*) AS n FROM st_client");
    assertTrue(clients.contains("\"rows\":[[1]]"), clients);
  }

  /** What cannot be archived stays in the journal. */
  private static void fullArchive(Platform platform, String token, Path ballast) throws Exception {
    fill(ballast, MEGABYTE - (64 << 10));
    assertEquals(200, say(platform, token, text("broken", 200 << 10)).statusCode());
    platform.awaitAsleep(token, "chat");
    assertTrue(platform.log().contains("sleeps unstored"), platform.log());
    Files.delete(ballast);
    assertTrue(said(platform, token).contains("broken"));
    assertEquals(200, say(platform, token, "archived").statusCode());
    platform.awaitAsleep(token, "chat");
    String asleep = platform.log();
    assertEquals(
        1, asleep.split("sleeps unstored", -1).length - 1, "the second time it was stored");
  }
}
