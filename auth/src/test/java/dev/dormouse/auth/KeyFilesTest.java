package dev.dormouse.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyFilesTest {
  @TempDir private Path data;

  @Test
  void missingKeysAreMadeOnceAndForTheirOwnerAlone() throws IOException {
    Path folder = data.resolve("keys");
    SigningKeys made = SigningKeys.inFolder(folder);
    SigningKeys again = SigningKeys.inFolder(folder);
    assertEquals(made.publicPem(), again.publicPem());
    assertEquals(made.verificationKeys(), again.verificationKeys());
    assertEquals(made.publicPem(), Files.readString(folder.resolve("id_ecdsa.pub")));
    assertTrue(made.publicPem().startsWith("-----BEGIN PUBLIC KEY-----\n"));
    assertTrue(
        Files.readString(folder.resolve("id_ecdsa")).startsWith("-----BEGIN PRIVATE KEY-----\n"));
    assertEquals("rw-------", permissions(folder.resolve("id_ecdsa")));
    assertEquals("rwx------", permissions(folder));
    try (var files = Files.list(data)) {
      assertEquals(1, files.count());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"id_ecdsa", "id_ecdsa.pub"})
  void exactlyOneMissingFileIsTheOperators(String missing) throws IOException {
    SigningKeys.inFolder(data);
    Files.delete(data.resolve(missing));
    var refused = assertThrows(EngineException.class, () -> SigningKeys.inFolder(data));
    assertEquals(EngineException.Code.OPERATOR, refused.code());
    assertTrue(refused.text().contains(data.resolve(missing) + " is missing"), refused.text());
  }

  @Test
  void filesThatAreNoPairAreRefused() throws IOException {
    SigningKeys.inFolder(data.resolve("a"));
    SigningKeys.inFolder(data.resolve("b"));
    Files.copy(
        data.resolve("b/id_ecdsa.pub"),
        data.resolve("a/id_ecdsa.pub"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    var refused =
        assertThrows(EngineException.class, () -> SigningKeys.inFolder(data.resolve("a")));
    assertTrue(refused.text().contains("do not belong together"), refused.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "garbage", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"})
  void unreadableFilesAreRefused(String content) throws IOException {
    SigningKeys.inFolder(data);
    Files.writeString(data.resolve("id_ecdsa.pub"), content);
    assertThrows(EngineException.class, () -> SigningKeys.inFolder(data));
  }

  @Test
  void retiredKeysVerifyAndDoNotSign() throws IOException {
    SigningKeys old = SigningKeys.inFolder(data.resolve("old"));
    SigningKeys.inFolder(data.resolve("new"));
    Files.createDirectory(data.resolve("new/retired"));
    Files.copy(data.resolve("old/id_ecdsa.pub"), data.resolve("new/retired/2025.pub"));
    SigningKeys keys = SigningKeys.inFolder(data.resolve("new"));
    assertEquals(2, keys.verificationKeys().size());

    var world = new TestTokens();
    var issuer =
        new TokenIssuer(
            old, "localhost", AuthLimits.standard(), world.clock, java.util.UUID::randomUUID);
    var verifier =
        new TokenVerifier(
            keys,
            "localhost",
            IssuerKeys.none(),
            AuthLimits.standard(),
            world.clock,
            System::nanoTime);
    Claims claims = issuer.anonymous();
    assertEquals(claims, verifier.verify(issuer.sign(claims)).claims());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
