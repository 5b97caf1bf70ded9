package dev.dormouse.sats.module;

import java.text.Normalizer;
import java.util.Optional;

/**
 * Which names are identifiers: NFC, then XID_Start or {@code _}, then XID_Continue. The reserved
 * list is empty. Source: spec data-model §7.1.
 */
final class Identifiers {
  private Identifiers() {}

  /** Why a name is none, or empty if it is one. */
  static Optional<String> problem(String name) {
    if (name.isEmpty()) {
      return Optional.of("is empty");
    }
    if (isPlain(name)) {
      return Optional.empty();
    }
    int first = name.codePointAt(0);
    if (first != '_' && !isStart(first)) {
      return Optional.of("begins with " + shown(first));
    }
    for (int i = Character.charCount(first); i < name.length(); ) {
      int next = name.codePointAt(i);
      if (!isContinue(next)) {
        return Optional.of("contains " + shown(next));
      }
      i += Character.charCount(next);
    }
    return Normalizer.isNormalized(name, Normalizer.Form.NFC)
        ? Optional.empty()
        : Optional.of("is not in Unicode normalization form C");
  }

  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
        return false;
      }
    }
    return true;
  }

  // Java knows ID_Start and ID_Continue; XID leaves out what would not survive NFKC. Source:
  // Unicode Standard Annex 31, section 5.1.
  private static boolean isStart(int codePoint) {
    return Character.isUnicodeIdentifierStart(codePoint)
        && !isClosedOut(codePoint)
        && switch (codePoint) {
          case 0x0e33, 0x0eb3, 0xff9e, 0xff9f -> false;
          default -> true;
        };
  }

  private static boolean isContinue(int codePoint) {
    // Java counts ignorable characters as parts; Unicode does not.
    return Character.isUnicodeIdentifierPart(codePoint)
        && !Character.isIdentifierIgnorable(codePoint)
        && !isClosedOut(codePoint);
  }

  private static boolean isClosedOut(int codePoint) {
    return switch (codePoint) {
      case 0x037a, 0x309b, 0x309c, 0xfdfa, 0xfdfb -> true;
      case 0x2e2f -> true; // a letter by category, but pattern syntax
      case 0xfc5e, 0xfc5f, 0xfc60, 0xfc61, 0xfc62, 0xfc63 -> true;
      case 0xfe70, 0xfe72, 0xfe74, 0xfe76, 0xfe78, 0xfe7a, 0xfe7c, 0xfe7e -> true;
      default -> false;
    };
  }

  private static String shown(int codePoint) {
    return codePoint > 0x20 && codePoint < 0x7f
        ? "`" + Character.toString(codePoint) + "`"
        : "U+%04X".formatted(codePoint);
  }
}
