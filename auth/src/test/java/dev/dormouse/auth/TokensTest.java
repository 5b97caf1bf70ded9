package dev.dormouse.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.Identity;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokensTest {
  private final TestTokens world = new TestTokens();
  private final TokenVerifier verifier = world.verifier(IssuerKeys.none());

  @Test
  void anIssuedTokenSaysWhatTheSpecificationSaysAndNoMore() {
    String token = world.issuer.sign(world.issuer.anonymous());
    assertEquals("{\"typ\":\"JWT\",\"alg\":\"ES256\"}", TestTokens.segment(token, 0));
    String subject = "00000000-0000-4000-8000-000000000001";
    String identity = Identity.fromClaims("localhost", subject).toHex();
    assertEquals(
        "{\"hex_identity\":\"%s\",\"sub\":\"%s\",\"iss\":\"localhost\",\"aud\":[\"spacetimedb\"],\"iat\":%d}"
            .formatted(identity, subject, TestTokens.START.getEpochSecond()),
        TestTokens.segment(token, 1));
  }

  @Test
  void anIssuedTokenIsAcceptedForEver() {
    Claims claims = world.issuer.anonymous();
    String token = world.issuer.sign(claims);
    world.pass(100L * 365 * 86_400);
    assertEquals(claims, verifier.verify(token).claims());
    assertEquals(Optional.empty(), claims.expiresAt());
  }

  @Test
  void anonymousIdentitiesAndDatabasesAreNew() {
    var all = List.of(world.issuer.newDatabase(), world.issuer.newDatabase());
    assertNotEquals(all.getFirst(), all.getLast());
    assertNotEquals(world.issuer.anonymous().identity(), world.issuer.anonymous().identity());
    assertTrue(all.getFirst().toHex().startsWith("c200"));
  }

  /** The official CLI decodes the payload with the alphabet that has + and / in it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void payloadsReadTheSameInBothBase64Alphabets(long seed) {
    var random = new Random(seed);
    String name = "é>?~<\u007f\"\\ü" + random.nextLong();
    String foreign =
        "{\"iss\":\"https://x.test\",\"sub\":\"%d\",\"iat\":1,\"name\":\"%s\",\"aud\":\"a?b\"}"
            .formatted(random.nextInt(), name.replace("\\", "\\\\").replace("\"", "\\\""));
    Claims reissued = world.issuer.shortLived(Claims.read(foreign));
    String payload = world.issuer.sign(reissued).split("\\.", -1)[1];
    assertFalse(payload.contains("-") || payload.contains("_"), "seed " + seed);
    assertEquals(
        reissued.payload(),
        new String(
            Base64.getDecoder().decode(payload + "=".repeat((4 - payload.length() % 4) % 4)),
            StandardCharsets.UTF_8));
    assertTrue(Claims.read(reissued.payload()).payload().contains("\\u003f"), "seed " + seed);
  }

  @Test
  void aShortLivedTokenIsOursWhoeverIssuedTheOriginal() {
    Claims foreign =
        Claims.read(
            "{\"iss\":\"https://x.test\",\"sub\":\"me\",\"iat\":1,\"exp\":null,\"role\":{\"a\":[1,true,null]}}");
    String token = world.issuer.sign(world.issuer.shortLived(foreign));
    Claims claims = verifier.verify(token).claims();
    assertEquals(Identity.fromClaims("https://x.test", "me"), claims.identity());
    assertEquals(Optional.of(TestTokens.START.plusSeconds(60)), claims.expiresAt());
    assertTrue(claims.payload().contains("\"role\":{\"a\":[1,true,null]}"), claims.payload());
    assertTrue(claims.payload().contains("\"hex_identity\":\"" + claims.identity().toHex() + "\""));
  }

  @ParameterizedTest
  @CsvSource({"60,true", "120,true", "121,false"})
  void aMinutesTokenIsAcceptedForItsLifeAndTheLeeway(long seconds, boolean accepted) {
    String token = world.issuer.sign(world.issuer.shortLived(world.issuer.anonymous()));
    for (boolean cached : List.of(false, true)) {
      TokenVerifier fresh = world.verifier(IssuerKeys.none());
      if (cached) {
        fresh.verify(token);
      }
      world.pass(seconds);
      if (accepted) {
        assertEquals(token, fresh.verify(token).token());
      } else {
        rejected(fresh, token, "expired");
      }
      world.pass(-seconds);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1}",
        "{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"exp\":null,\"aud\":\"one\"}",
        "{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"exp\":99999999999,\"aud\":[\"one\",\"two\"]}",
        "{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"nbf\":99999999999}",
        "{\"iss\":\"i\",\"sub\":\"s\",\"iat\":0,\"hex_identity\":null,\"aud\":[]}"
      })
  void claimsThatAreFine(String payload) {
    Claims claims = verifier.verify(world.ours(payload)).claims();
    assertEquals(Identity.fromClaims("i", "s"), claims.identity());
    assertEquals(payload, claims.payload());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "iat|{\"iss\":\"i\",\"sub\":\"s\"}",
        "iat|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":null}",
        "iat|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1.5}",
        "iat|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":-1}",
        "iat|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":99999999999999999999}",
        "iat|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":\"1\"}",
        "exp|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"exp\":\"never\"}",
        "expired|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"exp\":1}",
        "iss|{\"sub\":\"s\",\"iat\":1}",
        "iss|{\"iss\":\"\",\"sub\":\"s\",\"iat\":1}",
        "sub|{\"iss\":\"i\",\"iat\":1}",
        "sub|{\"iss\":\"i\",\"sub\":7,\"iat\":1}",
        "aud|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"aud\":7}",
        "aud|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"aud\":[7]}",
        "hex_identity|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"hex_identity\":\"c200\"}",
        "hex_identity|{\"iss\":\"i\",\"sub\":\"s\",\"iat\":1,\"hex_identity\":7}",
        "JSON|[]",
        "JSON|{",
        "JSON|{\"iss\":\"i\",\"iss\":\"j\",\"sub\":\"s\",\"iat\":1}"
      })
  void claimsThatAreNot(String named, String payload) {
    rejected(verifier, world.ours(payload), named);
  }

  @Test
  void claimsHaveALengthOf1To128Bytes() {
    String fits = "{\"iss\":\"%s\",\"sub\":\"s\",\"iat\":1}".formatted("i".repeat(128));
    assertEquals(fits, verifier.verify(world.ours(fits)).claims().payload());
    rejected(verifier, world.ours(fits.replace("\"iii", "\"iiii")), "129");
  }

  @Test
  void aTokenSignedBySomebodyElseIsRefused() {
    String claims = "{\"iss\":\"localhost\",\"sub\":\"s\",\"iat\":1}";
    rejected(
        verifier, TestTokens.sign(TestTokens.newPair().getPrivate(), "ES256", claims), "not ours");
    rejected(
        verifier,
        TestTokens.sign(
            TestTokens.newPair().getPrivate(), "ES256", claims.replace("localhost", "other")),
        "other issuers");
  }

  @Test
  void aChangedTokenIsRefused() {
    String token = world.issuer.sign(world.issuer.anonymous());
    String[] parts = token.split("\\.", -1);
    var random = new Random(7);
    for (int i = 0; i < 50; i++) {
      var changed = new ArrayList<>(List.of(parts));
      int part = random.nextInt(3);
      byte[] bytes = Base64.getUrlDecoder().decode(parts[part]);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      changed.set(part, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
      String text = String.join(".", changed);
      assertThrows(AuthFailure.class, () -> verifier.verify(text), text);
    }
  }

  /**
   * The classic: the public key, which everybody has, taken for an HMAC secret; and none at all.
   */
  @Test
  void symmetricAndMissingSignaturesAreRefused() {
    String claims = "{\"iss\":\"localhost\",\"sub\":\"s\",\"iat\":1}";
    var secret = new SecretKeySpec(world.pair.getPublic().getEncoded(), "HmacSHA256");
    rejected(verifier, TestTokens.sign(secret, "HS256", claims), "not ours");
    String none =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims.getBytes(StandardCharsets.UTF_8))
            + ".";
    rejected(verifier, none, "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "a.b", "a.b.c", "a.b.c.d.e", "....", "é.é.é"})
  void garbageIsRefused(String text) {
    rejected(verifier, text, "");
  }

  @Test
  void aTokenOfUnreasonableLengthIsNotLookedAt() {
    rejected(verifier, "x".repeat(AuthLimits.standard().tokenBytesMax() + 1), "limit");
  }

  @Test
  void onlyVerifiedTokensAreKnown() {
    String token = world.issuer.sign(world.issuer.anonymous());
    assertEquals(Optional.empty(), verifier.known(token));
    VerifiedToken verified = verifier.verify(token);
    assertEquals(Optional.of(verified), verifier.known(token));
    String bad = token.substring(0, token.length() - 4) + "AAAA";
    assertThrows(AuthFailure.class, () -> verifier.verify(bad));
    assertEquals(Optional.empty(), verifier.known(bad));
  }

  @Test
  void tokensAreKeptOutOfLogs() {
    String token = world.issuer.sign(world.issuer.anonymous());
    assertFalse(verifier.verify(token).toString().contains(token));
    assertFalse(new Credentials.Bearer(token).toString().contains(token));
  }

  @Test
  void theKeyOfAnotherIssuerIsUsedForItsOwnTokens() throws Exception {
    KeyPair ec = TestTokens.newPair();
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair rsa = generator.generateKeyPair();
    IssuerKeys published =
        asking(
            issuer -> {
              assertEquals("https://x.test/", issuer);
              return List.of(
                  new IssuerKey(Optional.of("e"), "ES256", ec.getPublic()),
                  new IssuerKey(Optional.empty(), "RS256", rsa.getPublic()));
            });
    TokenVerifier trusting = world.verifier(published);
    String claims = "{\"iss\":\"https://x.test/\",\"sub\":\"s\",\"iat\":1}";

    for (String good :
        List.of(
            TestTokens.sign(ec.getPrivate(), "ES256", claims),
            TestTokens.sign(ec.getPrivate(), "ES256", claims, "e"),
            TestTokens.sign(rsa.getPrivate(), "RS256", claims),
            TestTokens.sign(rsa.getPrivate(), "RS256", claims, "unknown-so-those-without-kid"))) {
      assertEquals(
          Identity.fromClaims("https://x.test/", "s"), trusting.verify(good).claims().identity());
    }
    rejected(trusting, TestTokens.sign(ec.getPrivate(), "ES256", claims, "other"), "kid other");
    rejected(
        trusting, TestTokens.sign(TestTokens.newPair().getPrivate(), "ES256", claims), "not fit");
    rejected(trusting, TestTokens.sign(rsa.getPrivate(), "RS512", claims), "RS512");
    var secret = new SecretKeySpec(rsa.getPublic().getEncoded(), "HmacSHA256");
    rejected(trusting, TestTokens.sign(secret, "HS256", claims), "HS256");
  }

  @Test
  void aTokenOfAnotherIssuerIsCheckedAgainWhenItsKeysWouldBeReadAgain() {
    KeyPair pair = TestTokens.newPair();
    var asked = new ArrayList<String>();
    TokenVerifier trusting =
        world.verifier(
            asking(
                issuer -> {
                  asked.add(issuer);
                  return List.of(new IssuerKey(Optional.empty(), "ES256", pair.getPublic()));
                }));
    String token =
        TestTokens.sign(
            pair.getPrivate(), "ES256", "{\"iss\":\"https://x\",\"sub\":\"s\",\"iat\":1}");
    trusting.verify(token);
    trusting.verify(token);
    assertEquals(1, asked.size());
    world.pass(301);
    trusting.verify(token);
    assertEquals(2, asked.size());
  }

  private static IssuerKeys asking(Function<String, List<IssuerKey>> source) {
    return new IssuerKeys() {
      @Override
      public Optional<List<IssuerKey>> known(String issuer) {
        return Optional.empty();
      }

      @Override
      public List<IssuerKey> of(String issuer) {
        return source.apply(issuer);
      }
    };
  }

  private static void rejected(TokenVerifier verifier, String token, String named) {
    var failure = assertThrows(AuthFailure.class, () -> verifier.verify(token));
    assertEquals(AuthFailure.Kind.REJECTED, failure.kind());
    assertEquals(401, failure.kind().status());
    assertTrue(failure.text().contains(named), failure.text());
  }
}
