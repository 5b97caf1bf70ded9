package dev.dormouse.runtimenode.http;

import dev.dormouse.auth.AuthFailure;
import dev.dormouse.auth.Credentials;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.auth.TokenVerifier;
import dev.dormouse.auth.VerifiedToken;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Finds out who makes a request. A token verified before is recognised on the spot; others go to a
 * worker thread.
 */
public final class Callers {
  private final TokenVerifier verifier;
  private final TokenIssuer issuer;
  private final Workers workers;

  /** Recognises with the given verifier; newcomers get identities of the given issuer. */
  public Callers(TokenVerifier verifier, TokenIssuer issuer, Workers workers) {
    this.verifier = verifier;
    this.issuer = issuer;
    this.workers = workers;
  }

  /**
   * Whoever presents a token; absent for nobody. Fails with an {@link AuthFailure} for a token that
   * is not acceptable.
   *
   * @param authorization the header, which wins
   * @param tokenParameter the query parameter {@code token}
   */
  public Future<Optional<Caller>> presented(
      Optional<String> authorization, Optional<String> tokenParameter) {
    try {
      return switch (Credentials.read(authorization, tokenParameter)) {
        case Credentials.None() -> Future.succeededFuture(Optional.empty());
        case Credentials.Bearer(var token) ->
            verified(token).map(Caller::presented).map(Optional::of);
      };
    } catch (AuthFailure refused) {
      return Future.failedFuture(refused);
    }
  }

  /** Whoever presents a token, or somebody new. */
  public Future<Caller> presentedOrNew(
      Optional<String> authorization, Optional<String> tokenParameter) {
    return presented(authorization, tokenParameter)
        .map(known -> known.orElseGet(() -> Caller.anonymous(issuer)));
  }

  private Future<VerifiedToken> verified(String token) {
    Optional<VerifiedToken> known = verifier.known(token);
    return known.isPresent()
        ? Future.succeededFuture(known.get())
        : workers.run(() -> verifier.verify(token));
  }
}
