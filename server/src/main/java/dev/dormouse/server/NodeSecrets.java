package dev.dormouse.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/** A secret that a node makes for itself once and keeps in its data folder. */
final class NodeSecrets {
  private static final int BYTES = 32;

  private NodeSecrets() {}

  /** Reads a secret, or makes it: whole or not at all, readable by its owner only. */
  static byte[] readOrMake(Path file, SecureRandom random) throws IOException {
    if (Files.exists(file)) {
      byte[] secret = Files.readAllBytes(file);
      if (secret.length != BYTES) {
        throw new IOException(
            "%s holds %d bytes, must hold %d".formatted(file, secret.length, BYTES));
      }
      return secret;
    }
    byte[] secret = new byte[BYTES];
    random.nextBytes(secret);
    Files.createDirectories(file.getParent());
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(draft, secret);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    return secret;
  }
}
