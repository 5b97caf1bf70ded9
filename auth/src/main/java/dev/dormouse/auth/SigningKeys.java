package dev.dormouse.auth;

import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.List;

/**
 * The keys of this installation: ECDSA on P-256. Laws: what {@link #signingKey} signs, the first of
 * {@link #verificationKeys} verifies; retired keys verify and do not sign; nothing changes while
 * the process runs.
 */
public interface SigningKeys {
  /** Signs tokens. */
  ECPrivateKey signingKey();

  /** The current public key, then retired ones. */
  List<ECPublicKey> verificationKeys();

  /** The current public key as the PEM text it is kept in, served verbatim. */
  String publicPem();

  /**
   * Keys in the files {@code id_ecdsa} (PKCS#8) and {@code id_ecdsa.pub} (SubjectPublicKeyInfo),
   * and retired public keys in {@code retired/*.pub}. Both files missing: they are made. Source:
   * spec auth §2.
   *
   * @throws dev.dormouse.sats.EngineException OPERATOR, if exactly one file is missing, or they are
   *     no pair, or cannot be read or made
   */
  static SigningKeys inFolder(Path folder) {
    return KeyFiles.open(folder);
  }
}
