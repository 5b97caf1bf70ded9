package dev.dormouse.protocol;

import java.util.Optional;

/**
 * What a client lets the server compress binary payloads with.
 *
 * <p>The parameter permits, it does not oblige: every client takes tag 0. Source: spec
 * client-protocol §2.1, §3.2.
 */
public enum Compression {
  NONE("None"),
  /** Permitted by default. This server sends such payloads uncompressed. */
  BROTLI("Brotli"),
  GZIP("Gzip");

  private final String parameter;

  Compression(String parameter) {
    this.parameter = parameter;
  }

  /** The value of the query parameter. */
  public String parameter() {
    return parameter;
  }

  /** By the exact value of the query parameter. */
  static Optional<Compression> of(String parameter) {
    for (Compression candidate : values()) {
      if (candidate.parameter.equals(parameter)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }
}
