package dev.dormouse.sats;

import java.util.HexFormat;

/** Numbers of a fixed width as hex text with an optional {@code 0x}. */
final class Hex {
  private Hex() {}

  static boolean matches(String text, int bytes) {
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    return digits.length() == 2 * bytes && digits.chars().allMatch(HexFormat::isHexDigit);
  }

  static byte[] parse(String text, int bytes, String what) {
    if (!matches(text, bytes)) {
      String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
      throw new DecodeException(
          "%s must be %d hex digits, got `%s`".formatted(what, 2 * bytes, shown));
    }
    return HexFormat.of().parseHex(text.startsWith("0x") ? text.substring(2) : text);
  }
}
