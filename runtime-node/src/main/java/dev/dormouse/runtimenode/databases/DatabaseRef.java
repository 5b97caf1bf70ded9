package dev.dormouse.runtimenode.databases;

import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.sats.Identity;
import java.util.Locale;
import java.util.regex.Pattern;

/** How a path names a database. Source: spec http-api §1.1. */
public sealed interface DatabaseRef {
  /** By identity. */
  record ById(Identity identity) implements DatabaseRef {}

  /** By name, in lower case. */
  record ByName(String name) implements DatabaseRef {}

  /** What a name may look like. Source: spec http-api §5.9. */
  Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  /** Longest name, in characters. */
  int NAME_LENGTH_MAX = 64;

  /** Reads a path segment; what is neither is refused with 400. */
  static DatabaseRef parse(String text) {
    if (Identity.isHex(text)) {
      return new ById(Identity.fromHex(text));
    }
    return new ByName(name(text));
  }

  /** Reads a name; what is none is refused with 400, saying what would be one. */
  static String name(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.length() <= NAME_LENGTH_MAX && NAME.matcher(lower).matches()) {
      return lower;
    }
    String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
    String legal = lower.replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    String hint =
        legal.isEmpty() || legal.length() > NAME_LENGTH_MAX
            ? ""
            : "; `%s` would be one".formatted(legal);
    throw Refusal.text(
        400,
        "`%s` is no database name: a name has 1 to %d lower-case letters and digits, with single hyphens between them%s"
            .formatted(shown, NAME_LENGTH_MAX, hint));
  }
}
