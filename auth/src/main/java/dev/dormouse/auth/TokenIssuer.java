package dev.dormouse.auth;

import dev.dormouse.sats.Identity;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Issues identities and tokens. Signing costs about 135 µs of CPU: not on an event loop. */
public final class TokenIssuer {
  private final SigningKeys keys;
  private final String issuer;
  private final AuthLimits limits;
  private final InstantSource clock;
  private final Supplier<UUID> subjects;

  /**
   * An issuer.
   *
   * @param issuer {@code iss} of its tokens
   * @param subjects random UUIDs (version 4), from a source nobody can guess
   */
  public TokenIssuer(
      SigningKeys keys,
      String issuer,
      AuthLimits limits,
      InstantSource clock,
      Supplier<UUID> subjects) {
    this.keys = keys;
    this.issuer = issuer;
    this.limits = limits;
    this.clock = clock;
    this.subjects = subjects;
  }

  /** {@code iss} of its tokens. */
  public String issuer() {
    return issuer;
  }

  /** Claims of somebody new, to be signed if the token is wanted. They never expire. */
  public Claims anonymous() {
    return Claims.issue(issuer, subjects.get().toString(), clock.instant());
  }

  /** The identity of a new database: allocated like a user's, and nobody gets its token. */
  public Identity newDatabase() {
    return Identity.fromClaims(issuer, subjects.get().toString());
  }

  /**
   * Claims of a token for an upgrade: the same, for a minute. Signed with our key, whoever issued
   * the original. Source: spec auth §3.1.
   */
  public Claims shortLived(Claims claims) {
    Instant now = clock.instant();
    return claims.reissue(now, now.plus(limits.shortLived()));
  }

  /** Signs. */
  public String sign(Claims claims) {
    var signature = new JsonWebSignature();
    signature.setHeader("typ", "JWT");
    signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
    signature.setPayload(claims.payload());
    signature.setKey(keys.signingKey());
    try {
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException("a token could not be signed", e);
    }
  }
}
