package dev.dormouse.auth;

import java.time.Duration;

/**
 * Limits of authentication.
 *
 * @param tokenBytesMax longest token looked at
 * @param leeway how long after its expiry a token is still accepted; Source: spec auth §4.3
 * @param shortLived life of a websocket token; Source: spec auth §3.1
 * @param cachedTokensMax verified tokens remembered
 * @param keysRefresh age at which an issuer's keys are fetched again; Source: spec auth §4.1
 * @param keysDrop age at which an issuer's keys are not used any more
 * @param failurePause how long an issuer that could not be read is not asked again
 * @param issuersMax issuers whose keys, or whose failure, are remembered
 * @param fetchesMax issuers read at the same time; more wait
 * @param fetchTime longest time for one document, connecting included
 * @param documentBytesMax largest document read from an issuer
 * @param keysPerIssuerMax keys of one issuer that are used; further ones are passed over
 */
public record AuthLimits(
    int tokenBytesMax,
    Duration leeway,
    Duration shortLived,
    int cachedTokensMax,
    Duration keysRefresh,
    Duration keysDrop,
    Duration failurePause,
    int issuersMax,
    int fetchesMax,
    Duration fetchTime,
    int documentBytesMax,
    int keysPerIssuerMax) {

  /** Rejects limits that contradict each other. */
  public AuthLimits {
    if (tokenBytesMax <= 0
        || cachedTokensMax < 2
        || issuersMax < 1
        || fetchesMax < 1
        || documentBytesMax < 1
        || keysPerIssuerMax < 1) {
      throw new IllegalArgumentException("limits of authentication must be positive");
    }
    if (keysRefresh.compareTo(keysDrop) > 0) {
      throw new IllegalArgumentException(
          "keys are refreshed after %s and dropped after %s; the first must come first"
              .formatted(keysRefresh, keysDrop));
    }
  }

  /** The values of the specification, and bounds that suit one node. */
  public static AuthLimits standard() {
    return new AuthLimits(
        16 * 1024,
        Duration.ofSeconds(60),
        Duration.ofSeconds(60),
        20_000,
        Duration.ofSeconds(300),
        Duration.ofSeconds(7200),
        Duration.ofSeconds(10),
        1_000,
        3,
        Duration.ofSeconds(5),
        256 * 1024,
        64);
  }
}
