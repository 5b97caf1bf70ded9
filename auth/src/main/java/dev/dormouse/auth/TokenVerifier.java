package dev.dormouse.auth;

import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/**
 * Checks tokens. Source: spec auth §4, amended by since-2.8 §8.1.
 *
 * <p>Order: our own key whoever the issuer; then, unless the token names us, the issuer's published
 * keys. An algorithm is bound to the type of the key; HS256 is refused.
 */
public final class TokenVerifier {
  /** Our keys change only with the process. */
  private static final Duration OUR_KEYS_STAY = Duration.ofDays(365);

  private final SigningKeys keys;
  private final String issuer;
  private final IssuerKeys others;
  private final AuthLimits limits;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final TokenCache cache;

  /**
   * A verifier.
   *
   * @param issuer our own {@code iss}
   * @param others keys of other issuers
   * @param nanoTime a clock that never steps back, for the cache
   */
  public TokenVerifier(
      SigningKeys keys,
      String issuer,
      IssuerKeys others,
      AuthLimits limits,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.keys = keys;
    this.issuer = issuer;
    this.others = others;
    this.limits = limits;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.cache = new TokenCache(limits.cachedTokensMax());
  }

  /**
   * A token verified before and still good; does not block.
   *
   * @throws AuthFailure REJECTED, if it has expired meanwhile
   */
  public Optional<VerifiedToken> known(String token) {
    Optional<TokenCache.Entry> found = cache.find(token);
    if (found.isEmpty() || nanoTime.getAsLong() - found.get().untilNanos() >= 0) {
      return Optional.empty();
    }
    checkExpiry(found.get().token().claims());
    return Optional.of(found.get().token());
  }

  /** What could be said of a token without waiting for anybody. */
  public sealed interface Checked {
    /** It is good. */
    record Good(VerifiedToken token) implements Checked {}

    /** It may be good; its issuer has to be asked: {@link TokenVerifier#verify}. */
    record IssuerUnknown(String issuer) implements Checked {}
  }

  /**
   * Checks a token with the keys at hand; costs about 420 µs of CPU: not on an event loop.
   *
   * @throws AuthFailure REJECTED
   */
  public Checked check(String token) {
    Optional<VerifiedToken> known = known(token);
    if (known.isPresent()) {
      return new Checked.Good(known.get());
    }
    JsonWebSignature signature = parse(token);
    if (isOurs(signature)) {
      return new Checked.Good(accepted(signature, token, OUR_KEYS_STAY));
    }
    String claimed = otherIssuer(signature);
    Optional<List<IssuerKey>> published = others.known(claimed);
    if (published.isEmpty()) {
      return new Checked.IssuerUnknown(claimed);
    }
    checkOther(signature, published.get());
    return new Checked.Good(accepted(signature, token, limits.keysRefresh()));
  }

  /**
   * Verifies a token; waits for its issuer if need be, for a bounded time.
   *
   * @throws AuthFailure REJECTED
   */
  public VerifiedToken verify(String token) {
    return switch (check(token)) {
      case Checked.Good(var good) -> good;
      case Checked.IssuerUnknown(var unknown) -> {
        JsonWebSignature signature = parse(token);
        checkOther(signature, others.of(unknown));
        yield accepted(signature, token, limits.keysRefresh());
      }
    };
  }

  /** The issuer a token names, which has to be somebody else: our signature it has not. */
  private String otherIssuer(JsonWebSignature signature) {
    String claimed = Claims.unverifiedIssuer(signature.getUnverifiedPayload());
    if (claimed.equals(issuer)) {
      throw AuthFailure.rejected("its signature is not ours, though it names us as its issuer");
    }
    return claimed;
  }

  /**
   * Reads the claims of a token whose signature is good, and remembers it.
   *
   * @param life how long the signature need not be checked again
   */
  private VerifiedToken accepted(JsonWebSignature signature, String token, Duration life) {
    Claims claims = Claims.read(signature.getUnverifiedPayload());
    checkExpiry(claims);
    var verified = new VerifiedToken(claims, token);
    cache.put(token, new TokenCache.Entry(verified, nanoTime.getAsLong() + life.toNanos()));
    return verified;
  }

  private void checkExpiry(Claims claims) {
    Instant now = clock.instant();
    if (claims
        .expiresAt()
        .filter(expiry -> now.isAfter(expiry.plus(limits.leeway())))
        .isPresent()) {
      throw AuthFailure.rejected("it expired at " + claims.expiresAt().get());
    }
  }

  private boolean isOurs(JsonWebSignature signature) {
    if (!AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256.equals(
        signature.getAlgorithmHeaderValue())) {
      return false;
    }
    return keys.verificationKeys().stream()
        .anyMatch(
            key ->
                verifies(signature, key, AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256));
  }

  private static void checkOther(JsonWebSignature signature, List<IssuerKey> published) {
    String algorithm = String.valueOf(signature.getAlgorithmHeaderValue());
    List<IssuerKey> fitting =
        published.stream().filter(key -> key.algorithm().equals(algorithm)).toList();
    Optional<String> id = Optional.ofNullable(signature.getKeyIdHeaderValue());
    List<IssuerKey> candidates = candidates(fitting, id);
    if (candidates.isEmpty()) {
      throw AuthFailure.rejected(
          "its issuer publishes no key for algorithm %s%s"
              .formatted(algorithm, id.map(kid -> " with kid " + kid).orElse("")));
    }
    if (candidates.stream().noneMatch(key -> verifies(signature, key.key(), key.algorithm()))) {
      throw AuthFailure.rejected("its signature does not fit its issuer's keys");
    }
  }

  /** Source: spec since-2.8 §8.1, row "§4.1". */
  private static List<IssuerKey> candidates(List<IssuerKey> published, Optional<String> id) {
    if (id.isEmpty()) {
      return published;
    }
    List<IssuerKey> named = published.stream().filter(key -> key.id().equals(id)).toList();
    return named.isEmpty() ? published.stream().filter(key -> key.id().isEmpty()).toList() : named;
  }

  private static boolean verifies(JsonWebSignature signature, PublicKey key, String algorithm) {
    signature.setAlgorithmConstraints(new AlgorithmConstraints(ConstraintType.PERMIT, algorithm));
    signature.setKey(key);
    try {
      return signature.verifySignature();
    } catch (JoseException unusable) {
      return false;
    }
  }

  private JsonWebSignature parse(String token) {
    if (token.length() > limits.tokenBytesMax()) {
      throw AuthFailure.rejected(
          "%d characters, limit %d".formatted(token.length(), limits.tokenBytesMax()));
    }
    var signature = new JsonWebSignature();
    try {
      signature.setCompactSerialization(token);
      return signature;
    } catch (JoseException malformed) {
      throw AuthFailure.rejected("it is not a compact JWT");
    }
  }
}
