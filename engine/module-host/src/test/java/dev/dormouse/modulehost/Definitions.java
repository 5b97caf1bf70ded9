package dev.dormouse.modulehost;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** What tests need to know of the definitions of the example modules. */
final class Definitions {
  private Definitions() {}

  /** The chat's reducers in the order in which its definition names them. */
  static List<String> reducers(byte[] description) {
    String text = new String(description, StandardCharsets.ISO_8859_1);
    return Stream.of("set_name", "send_message", "client_connected", "client_disconnected")
        .sorted((a, b) -> Integer.compare(text.indexOf(a), text.indexOf(b)))
        .toList();
  }
}
