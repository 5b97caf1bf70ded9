package dev.dormouse.snapshot;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * Which chunk: the SHA-256 of its rows, before packing.
 *
 * @param word0 bytes 0 to 7 of the hash, read little-endian
 * @param word1 bytes 8 to 15
 * @param word2 bytes 16 to 23
 * @param word3 bytes 24 to 31
 */
public record ChunkHash(long word0, long word1, long word2, long word3)
    implements Comparable<ChunkHash> {
  /** Bytes of a hash. */
  public static final int BYTES = 32;

  private static final Comparator<ChunkHash> ORDER =
      Comparator.comparingLong(ChunkHash::word0)
          .thenComparingLong(ChunkHash::word1)
          .thenComparingLong(ChunkHash::word2)
          .thenComparingLong(ChunkHash::word3);

  /** The hash of a range of bytes. */
  public static ChunkHash of(byte[] bytes, int offset, int length) {
    MessageDigest digest = sha256();
    digest.update(bytes, offset, length);
    return ofBytes(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** From the 32 bytes of a SHA-256. */
  public static ChunkHash ofBytes(byte[] hash) {
    if (hash.length != BYTES) {
      throw new DecodeException("chunk hash of " + hash.length + " bytes, must have " + BYTES);
    }
    return read(new BsatnReader(hash));
  }

  static ChunkHash read(BsatnReader reader) {
    return new ChunkHash(reader.readI64(), reader.readI64(), reader.readI64(), reader.readI64());
  }

  void write(BsatnWriter writer) {
    writer.writeI64(word0).writeI64(word1).writeI64(word2).writeI64(word3);
  }

  /** The 32 bytes of the SHA-256. */
  public byte[] toByteArray() {
    BsatnWriter writer = new BsatnWriter(BYTES);
    write(writer);
    return writer.toByteArray();
  }

  /** 64 lower-case hex digits. */
  public String toHex() {
    return HexFormat.of().formatHex(toByteArray());
  }

  @Override
  public int compareTo(ChunkHash other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
