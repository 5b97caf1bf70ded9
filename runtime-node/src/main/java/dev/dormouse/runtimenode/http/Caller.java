package dev.dormouse.runtimenode.http;

import dev.dormouse.auth.Claims;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.auth.VerifiedToken;
import dev.dormouse.sats.Identity;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request: somebody with a verified token, or somebody new. A newcomer's token is
 * signed when it is asked for and not before: a signature costs 135 µs, and not every answer needs
 * it.
 */
public final class Caller {
  private final Claims claims;
  private final boolean anonymous;
  private final @Nullable TokenIssuer issuer;
  private volatile @Nullable String token;

  private Caller(
      Claims claims, boolean anonymous, @Nullable TokenIssuer issuer, @Nullable String token) {
    this.claims = claims;
    this.anonymous = anonymous;
    this.issuer = issuer;
    this.token = token;
  }

  /** Somebody who presented a token. */
  public static Caller presented(VerifiedToken token) {
    return new Caller(token.claims(), false, null, token.token());
  }

  /** Somebody new, who gets an identity and may have a token for it. */
  public static Caller anonymous(TokenIssuer issuer) {
    return new Caller(issuer.anonymous(), true, issuer, null);
  }

  /** Who. */
  public Identity identity() {
    return claims.identity();
  }

  /** What their token says, or would say; modules see its payload. */
  public Claims claims() {
    return claims;
  }

  /** Whether they presented nothing and are new. */
  public boolean isAnonymous() {
    return anonymous;
  }

  /** Whether {@link #token} returns at once. */
  public boolean isSigned() {
    return token != null;
  }

  /** Their token; signs it the first time: not on an event loop unless {@link #isSigned}. */
  public String token() {
    String known = token;
    if (known != null) {
      return known;
    }
    if (issuer == null) {
      throw new IllegalStateException("a presented token is known");
    }
    synchronized (this) {
      String signed = token;
      if (signed == null) {
        signed = issuer.sign(claims);
        token = signed;
      }
      return signed;
    }
  }

  @Override
  public String toString() {
    return "Caller[" + identity() + (anonymous ? ", anonymous]" : "]");
  }
}
