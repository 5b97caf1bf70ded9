package dev.dormouse.auth;

import java.util.List;

/**
 * Where the keys of other issuers come from. Laws: blocks at most for a bounded time; an issuer
 * that cannot be read is an {@link AuthFailure}; only keys that may verify signatures are returned.
 */
@FunctionalInterface
public interface IssuerKeys {
  /**
   * The keys of an issuer.
   *
   * @param issuer {@code iss}, exactly as in the token
   * @throws AuthFailure REJECTED or BUSY
   */
  List<IssuerKey> of(String issuer);

  /** Trusts nobody but ourselves. */
  static IssuerKeys none() {
    return issuer -> {
      throw AuthFailure.rejected(
          "it was not signed here, and tokens of other issuers are not accepted");
    };
  }
}
