package dev.dormouse.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.security.KeyPairGenerator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PublishedKeysTest {
  private static final String ISSUER = "https://issuer.test/realm/";
  private static final String DISCOVERY =
      "https://issuer.test/realm/.well-known/openid-configuration";
  private static final String KEYS = "https://issuer.test/keys";

  private final Map<String, String> web = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final ArrayDeque<Runnable> background = new ArrayDeque<>();
  private long seconds;

  private final PublishedKeys keys =
      new PublishedKeys(
          this::read, AuthLimits.standard(), () -> seconds * 1_000_000_000L, background::add);

  private String read(URI address) throws IOException {
    asked.add(address.toString());
    String body = web.get(address.toString());
    if (body == null) {
      throw new IOException("nothing there");
    }
    return body;
  }

  private void publish(String... keyTexts) {
    web.put(DISCOVERY, "{\"issuer\":\"x\",\"jwks_uri\":\"" + KEYS + "\"}");
    web.put(KEYS, "{\"keys\":[" + String.join(",", keyTexts) + "]}");
  }

  private static String key(String id) {
    try {
      var key = PublicJsonWebKey.Factory.newPublicJwk(TestTokens.newPair().getPublic());
      key.setKeyId(id);
      return key.toJson();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void keysAreReadOnceAndKnownAfterwards() {
    publish(key("a"), key("b"));
    assertEquals(Optional.empty(), keys.known(ISSUER));
    List<IssuerKey> read = keys.of(ISSUER);
    assertEquals(
        List.of(Optional.of("a"), Optional.of("b")), read.stream().map(IssuerKey::id).toList());
    assertEquals(Optional.of(read), keys.known(ISSUER));
    assertEquals(read, keys.of(ISSUER));
    assertEquals(List.of(DISCOVERY, KEYS), asked);
  }

  @Test
  void afterAWhileTheyAreReadAgainInTheBackgroundAndUsedMeanwhile() {
    publish(key("old"));
    keys.of(ISSUER);
    publish(key("new"));
    seconds = 299;
    assertEquals("old", onlyId());
    assertTrue(background.isEmpty());
    seconds = 300;
    assertEquals("old", onlyId());
    assertEquals("old", onlyId());
    assertEquals(1, background.size(), "one reads, however many ask");
    background.remove().run();
    assertEquals("new", onlyId());
  }

  @Test
  void keysThatCannotBeReadAgainServeUntilTheyAreDropped() {
    publish(key("old"));
    keys.of(ISSUER);
    web.clear();
    seconds = 7199;
    assertEquals("old", onlyId());
    background.remove().run();
    assertEquals("old", onlyId());
    assertTrue(background.isEmpty(), "a failure is followed by a pause");
    seconds = 7200;
    assertEquals(Optional.empty(), keys.known(ISSUER));
  }

  @Test
  void anIssuerThatCannotBeReadIsLeftAloneForAWhile() {
    var refused = assertThrows(AuthFailure.class, () -> keys.of(ISSUER));
    assertTrue(refused.text().contains("nothing there"), refused.text());
    assertThrows(AuthFailure.class, () -> keys.of(ISSUER));
    assertEquals(1, asked.size());
    publish(key("a"));
    seconds = 10;
    assertEquals(1, keys.of(ISSUER).size());
  }

  @Test
  void keysAreBoundToOneAlgorithmAndUnfitOnesArePassedOver() throws Exception {
    KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
    rsa.initialize(2048);
    KeyPairGenerator large = KeyPairGenerator.getInstance("EC");
    large.initialize(new java.security.spec.ECGenParameterSpec("secp384r1"));
    publish(
        key("ec"),
        JsonWebKey.Factory.newJwk(rsa.generateKeyPair().getPublic()).toJson(),
        JsonWebKey.Factory.newJwk(large.generateKeyPair().getPublic()).toJson(),
        "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"ec\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"new\"}",
        key("enc").replaceFirst("\\{", "{\"use\":\"enc\","),
        "7",
        "null");
    assertEquals(
        List.of("ES256", "RS256"), keys.of(ISSUER).stream().map(IssuerKey::algorithm).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "ftp://x", "file:///etc/passwd", "https://", "https://a b"})
  void issuersThatAreNoWebAddressesAreNotAsked(String issuer) {
    assertThrows(AuthFailure.class, () -> keys.of(issuer));
    assertEquals(List.of(), asked);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "{}", "{\"jwks_uri\":7}", "{\"jwks_uri\":\"file:///etc/passwd\"}"})
  void aBadConfigurationIsRefused(String discovery) {
    web.put(DISCOVERY, discovery);
    assertThrows(AuthFailure.class, () -> keys.of(ISSUER));
    assertEquals(List.of(DISCOVERY), asked);
  }

  @Test
  void issuersAreForgottenBeyondTheLimit() {
    publish(key("a"));
    keys.of(ISSUER);
    for (int i = 0; i < AuthLimits.standard().issuersMax(); i++) {
      String other = "https://" + i + ".test";
      assertThrows(AuthFailure.class, () -> keys.of(other));
    }
    assertEquals(Optional.empty(), keys.known(ISSUER));
  }

  private String onlyId() {
    return keys.known(ISSUER).orElseThrow().getFirst().id().orElseThrow();
  }
}
