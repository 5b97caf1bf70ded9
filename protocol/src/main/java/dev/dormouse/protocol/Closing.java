package dev.dormouse.protocol;

import dev.dormouse.sats.DecodeException;
import java.nio.charset.StandardCharsets;

/**
 * How the server ends a connection: a WebSocket close code and a text that fits a close frame.
 *
 * <p>Source: spec client-protocol §16, since-2.8 §5.
 */
public record Closing(int code, String reason) {
  /**
   * The database was deleted, reset, crashed or updated so that clients break, or the node stops.
   */
  public static final Closing MODULE_EXITED = new Closing(1001, "module exited");

  /** A text frame on a binary protocol. */
  public static final Closing TEXT_FRAME =
      new Closing(1011, "text message on a binary protocol, messages must be binary");

  /** Too many messages of the connection wait to be processed. */
  public static final Closing TOO_MANY_REQUESTS = new Closing(1013, "too many requests");

  /** A live connection of the same identity holds the session id. Text inferred. */
  public static final Closing SESSION_IN_USE = new Closing(4000, "session id in use");

  public Closing {
    reason = fitting(reason, ProtocolLimits.DEFAULT.closeReasonBytesMax());
  }

  /** A message that could not be decoded. */
  public static Closing undecodable(DecodeException refusal) {
    return new Closing(1011, refusal.text());
  }

  /** Any other failure to take a request. */
  public static Closing failure(String reason) {
    return new Closing(1011, reason);
  }

  /** The text, or as much of its start as fits the bytes, with an ellipsis. */
  static String fitting(String text, int bytesMax) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= bytesMax) {
      return text;
    }
    int end = bytesMax - "…".getBytes(StandardCharsets.UTF_8).length;
    while ((utf8[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(utf8, 0, end, StandardCharsets.UTF_8) + "…";
  }
}
