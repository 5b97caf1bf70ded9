package dev.dormouse.sats;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.Blake3Digest;

/**
 * Who somebody is, or which database: 256 bits.
 *
 * <p>Text is 64 lower-case hex digits, most significant first; BSATN is little-endian. Source: spec
 * data-model §4.
 *
 * @param word0 bytes 0 to 7 of the BSATN form, read little-endian (the least significant)
 * @param word1 bytes 8 to 15
 * @param word2 bytes 16 to 23
 * @param word3 bytes 24 to 31
 */
public record Identity(long word0, long word1, long word2, long word3)
    implements Comparable<Identity> {
  /** Nobody; never derived from claims. */
  public static final Identity ZERO = new Identity(0, 0, 0, 0);

  /** Bytes of the BSATN form. */
  public static final int BYTES = 32;

  /** Shortest and longest issuer or subject, in UTF-8 bytes: 1 to this. */
  public static final int CLAIM_BYTES_MAX = 128;

  private static final int HASH_BYTES = 26;

  /**
   * The identity of an issuer's subject.
   *
   * @throws DecodeException if either is empty or longer than {@link #CLAIM_BYTES_MAX} bytes
   */
  public static Identity fromClaims(String issuer, String subject) {
    checkClaim("iss", issuer);
    checkClaim("sub", subject);
    byte[] hash = blake3((issuer + "|" + subject).getBytes(StandardCharsets.UTF_8));
    byte[] checked = new byte[2 + HASH_BYTES];
    checked[0] = (byte) 0xc2;
    System.arraycopy(hash, 0, checked, 2, HASH_BYTES);
    byte[] checksum = blake3(checked);
    byte[] bigEndian = new byte[BYTES];
    bigEndian[0] = (byte) 0xc2;
    System.arraycopy(checksum, 0, bigEndian, 2, 4);
    System.arraycopy(hash, 0, bigEndian, 6, HASH_BYTES);
    return fromBigEndian(bigEndian);
  }

  private static void checkClaim(String name, String value) {
    int length = value.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > CLAIM_BYTES_MAX) {
      throw new DecodeException(
          "claim %s has %d bytes, must have 1 to %d".formatted(name, length, CLAIM_BYTES_MAX));
    }
  }

  private static byte[] blake3(byte[] input) {
    Blake3Digest digest = new Blake3Digest();
    digest.update(input, 0, input.length);
    byte[] output = new byte[BYTES];
    digest.doFinal(output, 0);
    return output;
  }

  /** From 64 hex digits, with or without {@code 0x}. */
  public static Identity fromHex(String text) {
    return fromBigEndian(Hex.parse(text, BYTES, "identity"));
  }

  /** Whether the text is 64 hex digits, with or without {@code 0x}. */
  public static boolean isHex(String text) {
    return Hex.matches(text, BYTES);
  }

  /** From 32 bytes, most significant first. */
  public static Identity fromBigEndian(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new DecodeException("identity of " + bytes.length + " bytes, must have " + BYTES);
    }
    byte[] little = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      little[i] = bytes[BYTES - 1 - i];
    }
    return read(new BsatnReader(little));
  }

  /** Reads the BSATN form. */
  public static Identity read(BsatnReader reader) {
    return new Identity(reader.readI64(), reader.readI64(), reader.readI64(), reader.readI64());
  }

  /** Writes the BSATN form. */
  public void write(BsatnWriter writer) {
    writer.writeI64(word0).writeI64(word1).writeI64(word2).writeI64(word3);
  }

  /** The 32 bytes of the BSATN form. */
  public byte[] toBsatn() {
    BsatnWriter writer = new BsatnWriter(BYTES);
    write(writer);
    return writer.toByteArray();
  }

  /** The 32 bytes, most significant first. */
  public byte[] toBigEndian() {
    byte[] little = toBsatn();
    byte[] big = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      big[i] = little[BYTES - 1 - i];
    }
    return big;
  }

  /** 64 lower-case hex digits, without a prefix. */
  public String toHex() {
    return HexFormat.of().toHexDigits(word3)
        + HexFormat.of().toHexDigits(word2)
        + HexFormat.of().toHexDigits(word1)
        + HexFormat.of().toHexDigits(word0);
  }

  @Override
  public int compareTo(Identity other) {
    int order = Long.compareUnsigned(word3, other.word3);
    if (order == 0) {
      order = Long.compareUnsigned(word2, other.word2);
    }
    if (order == 0) {
      order = Long.compareUnsigned(word1, other.word1);
    }
    return order == 0 ? Long.compareUnsigned(word0, other.word0) : order;
  }

  @Override
  public String toString() {
    return toHex();
  }
}
