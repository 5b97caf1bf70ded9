package dev.dormouse.auth;

import java.util.List;
import java.util.Optional;

/**
 * Where the keys of other issuers come from. Laws: only public keys that may verify signatures are
 * returned; what {@link #known} returns, {@link #of} would have returned not long ago.
 */
public interface IssuerKeys {
  /** Keys that need no waiting; does not block. */
  Optional<List<IssuerKey>> known(String issuer);

  /**
   * The keys of an issuer; may wait for the network, for a bounded time.
   *
   * @param issuer {@code iss}, exactly as in the token
   * @throws AuthFailure REJECTED, if they cannot be read
   */
  List<IssuerKey> of(String issuer);

  /** Trusts nobody but ourselves. */
  static IssuerKeys none() {
    return new IssuerKeys() {
      @Override
      public Optional<List<IssuerKey>> known(String issuer) {
        return Optional.empty();
      }

      @Override
      public List<IssuerKey> of(String issuer) {
        throw AuthFailure.rejected(
            "it was not signed here, and tokens of other issuers are not accepted");
      }
    };
  }
}
