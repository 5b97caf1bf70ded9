package dev.dormouse.protocol;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The WebSocket subprotocols, in the server's order of preference.
 *
 * <p>Source: spec client-protocol §2.3.
 */
public enum Subprotocol {
  V3_BSATN("v3.bsatn.spacetimedb"),
  V2_BSATN("v2.bsatn.spacetimedb"),
  /** Recognised, not offered yet. */
  V1_BSATN("v1.bsatn.spacetimedb"),
  /** Recognised, not offered yet. */
  V1_JSON("v1.json.spacetimedb");

  /** What this server speaks. */
  public static final Set<Subprotocol> OFFERED = Set.of(V3_BSATN, V2_BSATN);

  private final String headerValue;

  Subprotocol(String headerValue) {
    this.headerValue = headerValue;
  }

  /** The name in {@code Sec-WebSocket-Protocol}. */
  public String headerValue() {
    return headerValue;
  }

  /** Whether reads are confirmed if the client does not say. */
  public boolean confirmedByDefault() {
    return this == V3_BSATN || this == V2_BSATN;
  }

  /**
   * The first of the server's subprotocols that the client named, whatever the client's own order.
   *
   * @param headers every {@code Sec-WebSocket-Protocol} line of the request, none if it is missing
   * @return empty if none matches: the upgrade is refused with 400
   */
  public static Optional<Subprotocol> negotiate(List<String> headers) {
    return negotiate(headers, OFFERED);
  }

  static Optional<Subprotocol> negotiate(List<String> headers, Set<Subprotocol> offered) {
    for (Subprotocol candidate : values()) {
      if (offered.contains(candidate)) {
        for (String header : headers) {
          if (names(header, candidate.headerValue)) {
            return Optional.of(candidate);
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Text for the 400 of a failed negotiation. */
  public static String refusal(List<String> headers) {
    String offered = V3_BSATN.headerValue + ", " + V2_BSATN.headerValue;
    return headers.isEmpty()
        ? "missing Sec-WebSocket-Protocol header, this server speaks " + offered
        : "no supported subprotocol in Sec-WebSocket-Protocol, this server speaks " + offered;
  }

  private static boolean names(String header, String name) {
    for (String token : header.split(",", -1)) {
      if (token.strip().equals(name)) {
        return true;
      }
    }
    return false;
  }
}
