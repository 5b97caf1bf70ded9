package dev.dormouse.sats;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * UUIDs as BSATN and text: 16 bytes, little-endian of the integer whose big-endian bytes are the
 * octets of RFC 4122. Source: spec data-model §4, sql-and-subscriptions §3 (literals).
 */
public final class UuidText {
  private static final Pattern HYPHENATED =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern PLAIN = Pattern.compile("[0-9a-f]{32}");

  private UuidText() {}

  /** Reads the BSATN form. */
  public static UUID read(BsatnReader reader) {
    long low = reader.readI64();
    return new UUID(reader.readI64(), low);
  }

  /** Writes the BSATN form. */
  public static void write(UUID uuid, BsatnWriter writer) {
    writer.writeI64(uuid.getLeastSignificantBits()).writeI64(uuid.getMostSignificantBits());
  }

  /** 36 characters, lower case, with hyphens. */
  public static String format(UUID uuid) {
    return uuid.toString();
  }

  /**
   * The UUID in a text, or empty if it is none: with hyphens (also in braces or behind {@code
   * urn:uuid:}) or as 32 hex digits, in either case.
   */
  public static Optional<UUID> parse(String text) {
    String digits = text.toLowerCase(Locale.ROOT);
    if (digits.startsWith("urn:uuid:")) {
      digits = digits.substring("urn:uuid:".length());
    } else if (digits.startsWith("{") && digits.endsWith("}")) {
      digits = digits.substring(1, digits.length() - 1);
    } else if (PLAIN.matcher(digits).matches()) {
      return Optional.of(
          new UUID(
              Long.parseUnsignedLong(digits, 0, 16, 16),
              Long.parseUnsignedLong(digits, 16, 32, 16)));
    }
    return HYPHENATED.matcher(digits).matches()
        ? Optional.of(UUID.fromString(digits))
        : Optional.empty();
  }
}
