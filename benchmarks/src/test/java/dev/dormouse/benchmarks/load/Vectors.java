package dev.dormouse.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Files of {@code docs/spec/vectors}. */
final class Vectors {
  private Vectors() {}

  static Stream<JsonNode> read(String file) throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("docs/spec/vectors"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IOException("docs/spec/vectors is not above this folder");
      }
    }
    JsonNode root =
        new ObjectMapper().readTree(folder.resolve("docs/spec/vectors").resolve(file).toFile());
    return StreamSupport.stream(root.get("vectors").spliterator(), false);
  }

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
