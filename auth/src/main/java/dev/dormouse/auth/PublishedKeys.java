package dev.dormouse.auth;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.EllipticCurve;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Keys that issuers publish by OpenID Connect discovery, remembered. After {@link
 * AuthLimits#keysRefresh} they are read again in the background and used meanwhile; after {@link
 * AuthLimits#keysDrop} they are not used any more. An issuer that could not be read is left alone
 * for {@link AuthLimits#failurePause}. Source: spec auth §4.1.
 */
public final class PublishedKeys implements IssuerKeys {
  private static final int P256_BITS = 256;

  private final DocumentSource source;
  private final AuthLimits limits;
  private final LongSupplier nanoTime;
  private final Executor refresher;
  private final Map<String, Publisher> publishers;

  /**
   * Reads through the given source.
   *
   * @param refresher runs what is read in the background; its threads may block
   */
  public PublishedKeys(
      DocumentSource source, AuthLimits limits, LongSupplier nanoTime, Executor refresher) {
    this.source = source;
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.refresher = refresher;
    this.publishers =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Publisher> eldest) {
            return size() > limits.issuersMax();
          }
        };
  }

  @Override
  public Optional<List<IssuerKey>> known(String issuer) {
    Publisher publisher;
    synchronized (publishers) {
      publisher = publishers.get(issuer);
    }
    return publisher == null ? Optional.empty() : publisher.known();
  }

  @Override
  public List<IssuerKey> of(String issuer) {
    Publisher publisher;
    synchronized (publishers) {
      publisher = publishers.computeIfAbsent(issuer, Publisher::new);
    }
    return publisher.keys();
  }

  /** One issuer: what it published, or why that is not known. Many may ask, one reads. */
  private final class Publisher {
    private final String issuer;
    private volatile Optional<Reading> reading = Optional.empty();
    private volatile Optional<Failure> failure = Optional.empty();
    private volatile boolean refreshing;

    private record Reading(List<IssuerKey> keys, long atNanos) {}

    private record Failure(String text, long atNanos) {}

    Publisher(String issuer) {
      this.issuer = issuer;
    }

    Optional<List<IssuerKey>> known() {
      Optional<Reading> last = reading;
      if (last.isEmpty() || age(last.get().atNanos()) >= limits.keysDrop().toNanos()) {
        return Optional.empty();
      }
      if (age(last.get().atNanos()) >= limits.keysRefresh().toNanos()) {
        refresh();
      }
      return Optional.of(last.get().keys());
    }

    private void refresh() {
      boolean pausing =
          failure.filter(last -> age(last.atNanos()) < limits.failurePause().toNanos()).isPresent();
      if (refreshing || pausing) {
        return;
      }
      refreshing = true;
      try {
        refresher.execute(
            () -> {
              try {
                readNow();
              } catch (AuthFailure unreadable) {
                failure = Optional.of(new Failure(unreadable.text(), nanoTime.getAsLong()));
              } finally {
                refreshing = false;
              }
            });
      } catch (RejectedExecutionException full) {
        refreshing = false; // the keys at hand still serve; the next token asks again
      }
    }

    synchronized List<IssuerKey> keys() {
      Optional<List<IssuerKey>> known = known();
      if (known.isPresent()) {
        return known.get();
      }
      Optional<Failure> last = failure;
      if (last.isPresent() && age(last.get().atNanos()) < limits.failurePause().toNanos()) {
        throw AuthFailure.rejected(last.get().text());
      }
      try {
        return readNow();
      } catch (AuthFailure unreadable) {
        failure = Optional.of(new Failure(unreadable.text(), nanoTime.getAsLong()));
        throw unreadable;
      }
    }

    private List<IssuerKey> readNow() {
      List<IssuerKey> keys = read(issuer);
      reading = Optional.of(new Reading(keys, nanoTime.getAsLong()));
      failure = Optional.empty();
      return keys;
    }

    private long age(long atNanos) {
      return nanoTime.getAsLong() - atNanos;
    }
  }

  private List<IssuerKey> read(String issuer) {
    try {
      String base = issuer.replaceAll("/+$", "");
      Map<String, @Nullable Object> discovery =
          JsonUtil.parseJson(source.read(web(base + "/.well-known/openid-configuration")));
      if (!(discovery.get("jwks_uri") instanceof String keysAddress)) {
        throw AuthFailure.rejected("the configuration of issuer " + issuer + " has no jwks_uri");
      }
      return keys(JsonUtil.parseJson(source.read(web(keysAddress))).get("keys"));
    } catch (IOException | JoseException unreadable) {
      throw AuthFailure.rejected(
          "the keys of issuer %s cannot be read: %s".formatted(issuer, unreadable.getMessage()));
    }
  }

  private static URI web(String text) throws IOException {
    try {
      URI address = new URI(text);
      String scheme = String.valueOf(address.getScheme());
      if (!(scheme.equals("https") || scheme.equals("http")) || address.getHost() == null) {
        throw new IOException(text + " is not an http or https address");
      }
      return address;
    } catch (URISyntaxException malformed) {
      throw new IOException(text + " is not an address", malformed);
    }
  }

  private List<IssuerKey> keys(@Nullable Object published) {
    var keys = new ArrayList<IssuerKey>();
    if (published instanceof List<?> list) {
      list.stream()
          .limit(limits.keysPerIssuerMax())
          .map(PublishedKeys::key)
          .forEach(key -> key.ifPresent(keys::add));
    }
    return List.copyOf(keys);
  }

  /** A key that may verify; symmetric ones, other curves and malformed ones are passed over. */
  @SuppressWarnings("unchecked") // a JSON object has strings for keys
  private static Optional<IssuerKey> key(@Nullable Object published) {
    if (!(published instanceof Map<?, ?> parameters)) {
      return Optional.empty();
    }
    try {
      JsonWebKey key = JsonWebKey.Factory.newJwk((Map<String, Object>) parameters);
      if (!(key instanceof PublicJsonWebKey publicKey) || "enc".equals(key.getUse())) {
        return Optional.empty();
      }
      return algorithm(publicKey)
          .map(
              algorithm ->
                  new IssuerKey(
                      Optional.ofNullable(key.getKeyId()), algorithm, publicKey.getPublicKey()));
    } catch (JoseException | RuntimeException unusable) {
      return Optional.empty();
    }
  }

  private static Optional<String> algorithm(PublicJsonWebKey key) {
    return switch (key.getPublicKey()) {
      case ECPublicKey ec when isOnP256(ec) ->
          Optional.of(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
      case RSAPublicKey ignored -> Optional.of(AlgorithmIdentifiers.RSA_USING_SHA256);
      case null, default -> Optional.empty();
    };
  }

  /** Whether y² = x³ + ax + b holds: neither the JDK nor the library asks. */
  private static boolean isOnP256(ECPublicKey key) {
    EllipticCurve curve = key.getParams().getCurve();
    if (curve.getField().getFieldSize() != P256_BITS
        || !(curve.getField() instanceof ECFieldFp field)) {
      return false;
    }
    BigInteger x = key.getW().getAffineX();
    BigInteger y = key.getW().getAffineY();
    BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
    return y.pow(2).subtract(right).mod(field.getP()).signum() == 0;
  }
}
