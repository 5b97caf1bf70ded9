package dev.dormouse.protocol;

import java.util.HexFormat;

/**
 * A number that a client chose for its session: at most one live connection per database, identity
 * and session. Text is 32 hex digits, most significant first. Source: spec since-2.8 §5.
 */
public record SessionId(long high, long low) {
  /** 32 lower-case hex digits. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
