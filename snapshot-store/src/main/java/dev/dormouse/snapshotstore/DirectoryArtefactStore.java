package dev.dormouse.snapshotstore;

import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Programs and artefacts as files of a folder.
 *
 * <p>Programs are checked against their hash. Artefacts are executed without a check of their own,
 * so each carries a MAC keyed by a secret of the node: one that somebody else wrote or changed, for
 * another program or engine, counts as absent and is compiled again.
 *
 * <pre>
 * programs/&lt;hash&gt;.wasm                the program
 * artefacts/&lt;hash&gt;-&lt;engine&gt;.artefact  mac:byte[32] artefact
 *                                  ; HMAC-SHA-256 of engine 0x00 hash:byte[32] artefact
 * </pre>
 */
public final class DirectoryArtefactStore implements ArtefactStore {
  /** Bytes that the secret must have at least. */
  public static final int SECRET_BYTES_MIN = 32;

  static final String PROGRAMS = "programs";
  static final String PROGRAM_SUFFIX = ".wasm";
  static final String ARTEFACTS = "artefacts";
  static final String ARTEFACT_SUFFIX = ".artefact";

  private static final String MAC = "HmacSHA256";
  private static final int MAC_BYTES = 32;
  private static final Pattern ENGINE = Pattern.compile("[a-z0-9][a-z0-9.+-]{0,63}");

  private final DurableFiles files;
  private final String engine;
  private final SecretKeySpec secret;
  private final InstantSource clock;
  private final Consumer<String> warnings;

  /** Held while a program is saved, and while one is looked at and removed. */
  private final Lock sweeping = new ReentrantLock();

  private DirectoryArtefactStore(
      DurableFiles files,
      String engine,
      SecretKeySpec secret,
      InstantSource clock,
      Consumer<String> warnings) {
    this.files = files;
    this.engine = engine;
    this.secret = secret;
    this.clock = clock;
    this.warnings = warnings;
  }

  /**
   * Opens a folder, which is made if it is missing.
   *
   * @param engine what makes an artefact usable: host kind and versions of engine and
   *     instrumentation; {@code a-z 0-9 . + -}
   * @param secret of this node, at least {@link #SECRET_BYTES_MIN} bytes
   * @param clock tells the age of programs; files keep it as the time they were modified
   * @param warnings told what the operator should know
   * @throws IOException if the folder cannot be used
   */
  public static DirectoryArtefactStore open(
      Path folder, String engine, byte[] secret, InstantSource clock, Consumer<String> warnings)
      throws IOException {
    if (!ENGINE.matcher(engine).matches()) {
      throw new IllegalArgumentException("not the name of an engine: `" + engine + "`");
    }
    if (secret.length < SECRET_BYTES_MIN) {
      throw new IllegalArgumentException(
          "secret of %d bytes, must have %d".formatted(secret.length, SECRET_BYTES_MIN));
    }
    return new DirectoryArtefactStore(
        DurableFiles.open(folder), engine, new SecretKeySpec(secret, MAC), clock, warnings);
  }

  private Path programFile(ModuleHash hash) {
    return files.root().resolve(PROGRAMS).resolve(hash.toHex() + PROGRAM_SUFFIX);
  }

  private Path artefactFile(ModuleHash hash) {
    return files.root().resolve(ARTEFACTS).resolve(hash.toHex() + "-" + engine + ARTEFACT_SUFFIX);
  }

  @Override
  public void saveProgram(ModuleHash hash, byte[] program) throws IOException {
    if (!ModuleHash.ofProgram(program).equals(hash)) {
      throw new IllegalArgumentException("program has not the hash " + hash);
    }
    Path file = programFile(hash);
    sweeping.lock();
    try {
      boolean whole = Arrays.equals(program, files.read(file).orElse(new byte[0]));
      if (!whole && !files.create(file, program)) {
        files.replace(file, program); // It was damaged.
      }
      files.touch(file, clock.instant());
    } finally {
      sweeping.unlock();
    }
  }

  @Override
  public Optional<byte[]> program(ModuleHash hash) throws IOException {
    Optional<byte[]> program = files.read(programFile(hash));
    if (program.isPresent() && !ModuleHash.ofProgram(program.get()).equals(hash)) {
      throw new IOException(
          "file %s is damaged: it has not the hash of its name".formatted(programFile(hash)));
    }
    return program;
  }

  @Override
  public void saveArtefact(ModuleHash hash, byte[] artefact) throws IOException {
    byte[] sealed = new byte[MAC_BYTES + artefact.length];
    System.arraycopy(artefact, 0, sealed, MAC_BYTES, artefact.length);
    System.arraycopy(mac(hash, sealed), 0, sealed, 0, MAC_BYTES);
    files.replace(artefactFile(hash), sealed);
  }

  @Override
  public Optional<byte[]> artefact(ModuleHash hash) throws IOException {
    Optional<byte[]> sealed = files.read(artefactFile(hash));
    if (sealed.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = sealed.get();
    if (bytes.length < MAC_BYTES
        || !MessageDigest.isEqual(mac(hash, bytes), Arrays.copyOf(bytes, MAC_BYTES))) {
      warnings.accept(
          "artefact %s was not written by this node or is damaged; it is made again"
              .formatted(artefactFile(hash)));
      return Optional.empty();
    }
    return Optional.of(Arrays.copyOfRange(bytes, MAC_BYTES, bytes.length));
  }

  @Override
  public SweepReport sweep(Set<ModuleHash> needed, Duration age, boolean dryRun)
      throws IOException {
    return new ArtefactSweep(files, engine, sweeping, clock.instant().minus(age), dryRun)
        .run(needed);
  }

  private byte[] mac(ModuleHash hash, byte[] sealed) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(secret);
      mac.update(engine.getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) 0);
      mac.update(hash.toByteArray());
      mac.update(sealed, MAC_BYTES, sealed.length - MAC_BYTES);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + MAC, e);
    }
  }
}
