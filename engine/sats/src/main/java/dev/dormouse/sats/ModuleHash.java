package dev.dormouse.sats;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.KeccakDigest;

/**
 * Which program: Keccak-256 (the variant before NIST's padding) of its bytes. Source: spec
 * data-model §4.3.
 */
public final class ModuleHash {
  /** Bytes of a hash. */
  public static final int BYTES = 32;

  private final byte[] bytes;

  private ModuleHash(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The hash of a program. */
  public static ModuleHash ofProgram(byte[] program) {
    return new ModuleHash(keccak256(program));
  }

  /** A hash from its 32 bytes, in hash order. */
  public static ModuleHash ofBytes(byte[] hash) {
    if (hash.length != BYTES) {
      throw new DecodeException("hash of " + hash.length + " bytes, must have " + BYTES);
    }
    return new ModuleHash(hash.clone());
  }

  /** A hash from its 64 hex digits, in hash order. */
  public static ModuleHash fromHex(String text) {
    return new ModuleHash(Hex.parse(text, BYTES, "hash"));
  }

  /** Keccak-256 of any bytes. */
  public static byte[] keccak256(byte[] input) {
    KeccakDigest digest = new KeccakDigest(256);
    digest.update(input, 0, input.length);
    byte[] output = new byte[BYTES];
    digest.doFinal(output, 0);
    return output;
  }

  /**
   * The token that confirms an update which breaks clients: Keccak-256 of the three hex texts.
   * Source: spec data-model §4.3.
   */
  public static ModuleHash migrationToken(
      Identity database, ModuleHash oldProgram, ModuleHash newProgram) {
    String text = database.toHex() + oldProgram.toHex() + newProgram.toHex();
    return new ModuleHash(keccak256(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /** The 32 bytes in hash order, which is also the BSATN form at U256. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** 64 lower-case hex digits in hash order. */
  public String toHex() {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModuleHash that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
