package dev.dormouse.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** A world for tokens: keys in memory, a clock that is set by hand. */
final class TestTokens {
  static final String ISSUER = "localhost";
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Instant now = START;
  final KeyPair pair = newPair();
  final SigningKeys keys = keys(pair);
  private final AtomicInteger subjects = new AtomicInteger();
  final InstantSource clock = () -> now;
  final TokenIssuer issuer =
      new TokenIssuer(
          keys,
          ISSUER,
          AuthLimits.standard(),
          clock,
          () -> new UUID(0x4000L, 0x8000_0000_0000_0000L | subjects.incrementAndGet()));

  void pass(long seconds) {
    now = now.plusSeconds(seconds);
  }

  TokenVerifier verifier(IssuerKeys others) {
    return new TokenVerifier(
        keys,
        ISSUER,
        others,
        AuthLimits.standard(),
        clock,
        () -> now.getEpochSecond() * 1_000_000_000L);
  }

  static KeyPair newPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static SigningKeys keys(KeyPair pair) {
    return new SigningKeys() {
      @Override
      public ECPrivateKey signingKey() {
        return (ECPrivateKey) pair.getPrivate();
      }

      @Override
      public List<ECPublicKey> verificationKeys() {
        return List.of((ECPublicKey) pair.getPublic());
      }

      @Override
      public String publicPem() {
        return "";
      }
    };
  }

  /** A token with any payload, signed with any key. */
  static String sign(java.security.Key key, String algorithm, String payload) {
    return sign(key, algorithm, payload, "");
  }

  static String sign(java.security.Key key, String algorithm, String payload, String kid) {
    var signature = new JsonWebSignature();
    signature.setAlgorithmHeaderValue(algorithm);
    if (!kid.isEmpty()) {
      signature.setKeyIdHeaderValue(kid);
    }
    signature.setPayload(payload);
    signature.setKey(key);
    signature.setDoKeyValidation(false);
    try {
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  String ours(String payload) {
    return sign(pair.getPrivate(), "ES256", payload);
  }

  static String segment(String token, int index) {
    return new String(
        Base64.getUrlDecoder().decode(token.split("\\.", -1)[index]), StandardCharsets.UTF_8);
  }
}
