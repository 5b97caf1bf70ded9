package dev.dormouse.auth;

import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** {@link SigningKeys} in a folder. */
final class KeyFiles implements SigningKeys {
  static final String PRIVATE_FILE = "id_ecdsa";
  static final String PUBLIC_FILE = "id_ecdsa.pub";
  static final String RETIRED_FOLDER = "retired";

  private static final String CURVE = "secp256r1";
  private static final int FIELD_BITS = 256;

  private final ECPrivateKey signingKey;
  private final List<ECPublicKey> verificationKeys;
  private final String publicPem;

  private KeyFiles(ECPrivateKey signingKey, List<ECPublicKey> verificationKeys, String publicPem) {
    this.signingKey = signingKey;
    this.verificationKeys = List.copyOf(verificationKeys);
    this.publicPem = publicPem;
  }

  static KeyFiles open(Path folder) {
    Path privateFile = folder.resolve(PRIVATE_FILE);
    Path publicFile = folder.resolve(PUBLIC_FILE);
    try {
      boolean havePrivate = Files.exists(privateFile);
      boolean havePublic = Files.exists(publicFile);
      if (havePrivate != havePublic) {
        throw EngineException.operator(
            "of the signing keys, %s is there and %s is missing. Bring the missing file back; or remove both, and new ones are made and all tokens issued so far become invalid."
                .formatted(
                    havePrivate ? privateFile : publicFile,
                    havePrivate ? publicFile : privateFile));
      }
      if (!havePrivate) {
        make(folder);
      }
      return read(folder, privateFile, publicFile);
    } catch (IOException | GeneralSecurityException e) {
      throw new EngineException(
          EngineException.Code.OPERATOR,
          "the signing keys in %s cannot be used: %s".formatted(folder, e.getMessage()),
          e);
    }
  }

  private static KeyFiles read(Path folder, Path privateFile, Path publicFile)
      throws IOException, GeneralSecurityException {
    KeyFactory factory = KeyFactory.getInstance("EC");
    String publicPem = Files.readString(publicFile, StandardCharsets.US_ASCII);
    var signingKey =
        (ECPrivateKey)
            factory.generatePrivate(
                new PKCS8EncodedKeySpec(
                    decode(
                        "PRIVATE KEY", Files.readString(privateFile, StandardCharsets.US_ASCII))));
    var all = new ArrayList<ECPublicKey>();
    all.add(publicKey(factory, publicPem));
    checkPair(signingKey, all.getFirst(), folder);
    Path retired = folder.resolve(RETIRED_FOLDER);
    if (Files.isDirectory(retired)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(retired, "*.pub")) {
        for (Path file : files) {
          all.add(publicKey(factory, Files.readString(file, StandardCharsets.US_ASCII)));
        }
      }
    }
    return new KeyFiles(signingKey, all, publicPem);
  }

  private static ECPublicKey publicKey(KeyFactory factory, String pem)
      throws GeneralSecurityException {
    var key =
        (ECPublicKey) factory.generatePublic(new X509EncodedKeySpec(decode("PUBLIC KEY", pem)));
    if (key.getParams().getCurve().getField().getFieldSize() != FIELD_BITS) {
      throw new GeneralSecurityException("a key is not on the curve P-256");
    }
    return key;
  }

  private static void checkPair(ECPrivateKey signingKey, ECPublicKey publicKey, Path folder)
      throws GeneralSecurityException {
    byte[] probe = "dormouse".getBytes(StandardCharsets.US_ASCII);
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(signingKey);
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(probe);
    if (!signature.verify(signed)) {
      throw EngineException.operator(
          "%s and %s in %s do not belong together. Bring back the files that do."
              .formatted(PRIVATE_FILE, PUBLIC_FILE, folder));
    }
  }

  /** Both files appear together, by renaming their folder: no crash leaves one of two. */
  private static void make(Path folder) throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(CURVE));
    KeyPair pair = generator.generateKeyPair();
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(folder, ownerOnly);
    Path unfinished =
        Files.createTempDirectory(folder.resolve("..").normalize(), "keys.new", ownerOnly);
    write(unfinished.resolve(PRIVATE_FILE), "PRIVATE KEY", pair.getPrivate(), "rw-------");
    write(unfinished.resolve(PUBLIC_FILE), "PUBLIC KEY", pair.getPublic(), "rw-r--r--");
    if (Files.isDirectory(folder.resolve(RETIRED_FOLDER))) {
      Files.move(
          folder.resolve(RETIRED_FOLDER),
          unfinished.resolve(RETIRED_FOLDER),
          StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(Path file, String label, Key key, String permissions)
      throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(file, encode(label, key.getEncoded()), StandardCharsets.US_ASCII);
  }

  private static String encode(String label, byte[] der) {
    var lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, lines.encodeToString(der), label);
  }

  private static byte[] decode(String label, String pem) throws GeneralSecurityException {
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    int from = pem.indexOf(begin);
    int to = pem.indexOf(end);
    if (from < 0 || to < from) {
      throw new GeneralSecurityException("no PEM block " + label);
    }
    try {
      return Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
    } catch (IllegalArgumentException malformed) {
      throw new GeneralSecurityException("PEM block " + label + " is not base64", malformed);
    }
  }

  @Override
  public ECPrivateKey signingKey() {
    return signingKey;
  }

  @Override
  public List<ECPublicKey> verificationKeys() {
    return verificationKeys;
  }

  @Override
  public String publicPem() {
    return publicPem;
  }
}
