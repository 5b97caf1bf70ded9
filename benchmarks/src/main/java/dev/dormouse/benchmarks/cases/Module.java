package dev.dormouse.benchmarks.cases;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Modules that do the same and are not the same. */
final class Module {
  private Module() {}

  /**
   * Appends a custom section, which changes the hash and nothing else. Source: wasm core spec
   * §5.5.3.
   */
  static byte[] marked(byte[] module, String mark) {
    byte[] name = "benchmark".getBytes(StandardCharsets.UTF_8);
    byte[] payload = mark.getBytes(StandardCharsets.UTF_8);
    int size = 1 + name.length + payload.length;
    if (size > 127) {
      throw new IllegalArgumentException("a mark of %d bytes, limit 117".formatted(payload.length));
    }
    var out = new ByteArrayOutputStream(module.length + size + 2);
    out.writeBytes(module);
    out.write(0);
    out.write(size);
    out.write(name.length);
    out.writeBytes(name);
    out.writeBytes(payload);
    return out.toByteArray();
  }
}
