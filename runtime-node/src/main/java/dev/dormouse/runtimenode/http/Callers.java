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
 * worker thread, and those of issuers we have to ask to one that may wait.
 */
public final class Callers {
  private final TokenVerifier verifier;
  private final TokenIssuer issuer;
  private final Workers workers;
  private final Workers patientWorkers;

  /**
   * Recognises with the given verifier; newcomers get identities of the given issuer.
   *
   * @param patientWorkers threads of their own for waiting for other issuers: a slow one must not
   *     keep everybody else from the workers
   */
  public Callers(
      TokenVerifier verifier, TokenIssuer issuer, Workers workers, Workers patientWorkers) {
    this.verifier = verifier;
    this.issuer = issuer;
    this.workers = workers;
    this.patientWorkers = patientWorkers;
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
    if (known.isPresent()) {
      return Future.succeededFuture(known.get());
    }
    return workers
        .run(() -> verifier.check(token))
        .compose(
            checked ->
                switch (checked) {
                  case TokenVerifier.Checked.Good(var good) -> Future.succeededFuture(good);
                  case TokenVerifier.Checked.IssuerUnknown(var ignored) ->
                      patientWorkers.run(() -> verifier.verify(token));
                });
  }
}
