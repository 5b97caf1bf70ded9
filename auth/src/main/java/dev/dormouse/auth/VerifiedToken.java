package dev.dormouse.auth;

/**
 * A token that was checked.
 *
 * @param claims what it says
 * @param token its text
 */
public record VerifiedToken(Claims claims, String token) {
  /** Keeps the token out of logs. */
  @Override
  public String toString() {
    return "VerifiedToken[" + claims.identity() + "]";
  }
}
