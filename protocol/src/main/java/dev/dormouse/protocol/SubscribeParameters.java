package dev.dormouse.protocol;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of {@code GET /v1/database/{db}/subscribe}.
 *
 * <p>Refusals are {@link EngineException}s of code CALLER, answered with 400 and their text.
 * Source: spec client-protocol §2.1, since-2.8 §5.
 *
 * @param token a credential, used only if there is no {@code Authorization} header
 * @param connectionId the id the client chose; never zero
 * @param compression what the server may compress payloads with
 * @param light v1 only
 * @param confirmed whether reads are confirmed, if the client says; see {@link #confirmed}
 * @param sessionId the session the client chose
 */
public record SubscribeParameters(
    Optional<String> token,
    Optional<ConnectionId> connectionId,
    Compression compression,
    boolean light,
    Optional<Boolean> confirmed,
    Optional<SessionId> sessionId) {
  private static final int HEX_DIGITS = 32;

  /** No parameters. */
  public static final SubscribeParameters DEFAULT =
      new SubscribeParameters(
          Optional.empty(),
          Optional.empty(),
          Compression.BROTLI,
          false,
          Optional.empty(),
          Optional.empty());

  /** Whether messages wait for durability: as asked, else by the protocol's version. */
  public boolean confirmed(Subprotocol protocol) {
    return confirmed.orElse(protocol.confirmedByDefault());
  }

  /**
   * Reads a query string, still percent-encoded and without the question mark.
   *
   * <p>Unknown parameters are ignored; a known one that is malformed or given twice is refused.
   */
  public static SubscribeParameters parse(String rawQuery) {
    @Nullable String token = null;
    @Nullable String connectionId = null;
    @Nullable String compression = null;
    @Nullable String light = null;
    @Nullable String confirmed = null;
    @Nullable String sessionId = null;
    for (String pair : rawQuery.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decodeName(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      switch (name) {
        case "token" -> token = only(name, token, value);
        case "connection_id" -> connectionId = only(name, connectionId, value);
        case "compression" -> compression = only(name, compression, value);
        case "light" -> light = only(name, light, value);
        case "confirmed" -> confirmed = only(name, confirmed, value);
        case "session_id" -> sessionId = only(name, sessionId, value);
        default -> {
          // Unknown parameters are ignored.
        }
      }
    }
    return new SubscribeParameters(
        Optional.ofNullable(token),
        Optional.ofNullable(connectionId).map(SubscribeParameters::parseConnectionId),
        compression == null ? DEFAULT.compression : parseCompression(compression),
        light == null ? DEFAULT.light : parseBoolean("light", light),
        Optional.ofNullable(confirmed).map(value -> parseBoolean("confirmed", value)),
        Optional.ofNullable(sessionId).map(SubscribeParameters::parseSessionId));
  }

  /** The credential alone: authentication comes before the other parameters are looked at. */
  public static Optional<String> token(String rawQuery) {
    @Nullable String token = null;
    for (String pair : rawQuery.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals >= 0 && decodeName(pair.substring(0, equals)).equals("token")) {
        token = only("token", token, pair.substring(equals + 1));
      }
    }
    return Optional.ofNullable(token);
  }

  private static String only(String name, @Nullable String before, String rawValue) {
    if (before != null) {
      throw malformed("duplicate query parameter `" + name + "`");
    }
    Optional<String> value = percentDecode(rawValue);
    if (value.isEmpty()) {
      throw malformed("query parameter `" + name + "` is not percent-encoded UTF-8");
    }
    return value.get();
  }

  private static Compression parseCompression(String value) {
    return Compression.of(value)
        .orElseThrow(
            () ->
                malformed(
                    "query parameter `compression` must be `None`, `Brotli` or `Gzip`, got `"
                        + shown(value)
                        + "`"));
  }

  private static boolean parseBoolean(String name, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw malformed(
              "query parameter `%s` must be `true` or `false`, got `%s`"
                  .formatted(name, shown(value)));
    };
  }

  private static ConnectionId parseConnectionId(String value) {
    requireHex("connection_id", value);
    ConnectionId id = ConnectionId.fromHex(value);
    if (id.isNone()) {
      throw malformed("query parameter `connection_id` must not be zero");
    }
    return id;
  }

  private static SessionId parseSessionId(String value) {
    requireHex("session_id", value);
    return new SessionId(
        HexFormat.fromHexDigitsToLong(value, 0, HEX_DIGITS / 2),
        HexFormat.fromHexDigitsToLong(value, HEX_DIGITS / 2, HEX_DIGITS));
  }

  private static void requireHex(String name, String value) {
    if (value.length() != HEX_DIGITS || !value.chars().allMatch(HexFormat::isHexDigit)) {
      throw malformed(
          "query parameter `%s` must be %d hex digits, got `%s`"
              .formatted(name, HEX_DIGITS, shown(value)));
    }
  }

  private static EngineException malformed(String text) {
    return EngineException.caller("Failed to deserialize query string: " + text);
  }

  private static String shown(String value) {
    return value.length() <= 80 ? value : value.substring(0, 80) + "…";
  }

  private static String decodeName(String raw) {
    return percentDecode(raw).orElse("");
  }

  /** Form decoding: {@code +} is a blank. Empty if an escape or the UTF-8 is malformed. */
  private static Optional<String> percentDecode(String raw) {
    if (raw.indexOf('%') < 0 && raw.indexOf('+') < 0) {
      return Optional.of(raw);
    }
    byte[] source = raw.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[source.length];
    int size = 0;
    for (int i = 0; i < source.length; i++) {
      if (source[i] == '%') {
        if (i + 2 >= source.length
            || !HexFormat.isHexDigit(source[i + 1])
            || !HexFormat.isHexDigit(source[i + 2])) {
          return Optional.empty();
        }
        bytes[size++] =
            (byte)
                ((HexFormat.fromHexDigit(source[i + 1]) << 4)
                    | HexFormat.fromHexDigit(source[i + 2]));
        i += 2;
      } else {
        bytes[size++] = source[i] == '+' ? (byte) ' ' : source[i];
      }
    }
    String text = new String(bytes, 0, size, StandardCharsets.UTF_8);
    return text.indexOf('\ufffd') >= 0 ? Optional.empty() : Optional.of(text);
  }
}
