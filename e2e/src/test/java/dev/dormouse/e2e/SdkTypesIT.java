package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every column type through the official SDK, unchanged, against the real process. */
final class SdkTypesIT {
  @TempDir Path folder;

  @Test
  void everyTypeGoesThroughTheOfficialSdk() throws Exception {
    try (Platform platform = Platform.start(folder.resolve("data"))) {
      platform.publish(platform.token(), "types", "fixtures/abi/abi.wasm");
      Process script =
          new ProcessBuilder(
                  "node",
                  Platform.root().resolve("e2e/src/test/sdk/types.mjs").toString(),
                  Platform.root().resolve("examples/chat/client").toString(),
                  platform.address().toString().replace("http://", "ws://"),
                  "types")
              .redirectErrorStream(true)
              .start();
      String output = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, script.waitFor(), output);
      assertTrue(output.contains("all types are right"), output);
      assertEquals(0, platform.stop(), platform.log());
    }
  }
}
