package dev.dormouse.auth;

import java.util.Locale;
import java.util.Optional;

/** What a request presents. Source: spec auth §5. */
public sealed interface Credentials {
  /** Nothing: anonymous. */
  record None() implements Credentials {}

  /** A token, not looked at yet. */
  record Bearer(String token) implements Credentials {
    /** Keeps the token out of logs. */
    @Override
    public String toString() {
      return "Bearer[…]";
    }
  }

  /**
   * Reads the {@code Authorization} header, which wins, and the {@code token} query parameter.
   *
   * @throws AuthFailure MALFORMED, if the header is there and no bearer token
   */
  static Credentials read(Optional<String> authorization, Optional<String> tokenParameter) {
    if (authorization.isPresent()) {
      return bearer(authorization.get());
    }
    return tokenParameter.<Credentials>map(Bearer::new).orElseGet(None::new);
  }

  private static Credentials bearer(String header) {
    int blank = header.indexOf(' ');
    String scheme = blank < 0 ? header : header.substring(0, blank);
    String token = blank < 0 ? "" : header.substring(blank + 1).strip();
    if (!scheme.toLowerCase(Locale.ROOT).equals("bearer") || token.isEmpty()) {
      throw AuthFailure.malformed(
          "the Authorization header must be `Bearer` and a token, separated by a blank");
    }
    return new Bearer(token);
  }
}
