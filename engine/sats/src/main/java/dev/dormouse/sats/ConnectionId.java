package dev.dormouse.sats;

import java.util.HexFormat;

/**
 * Which connection: 128 bits. Text is 32 lower-case hex digits, most significant first; BSATN is
 * little-endian. Source: spec data-model §4.
 *
 * @param word0 bytes 0 to 7 of the BSATN form, read little-endian (the least significant)
 * @param word1 bytes 8 to 15
 */
public record ConnectionId(long word0, long word1) {
  /** No connection. */
  public static final ConnectionId NONE = new ConnectionId(0, 0);

  /** Bytes of the BSATN form. */
  public static final int BYTES = 16;

  /** Whether this stands for no connection. */
  public boolean isNone() {
    return (word0 | word1) == 0;
  }

  /** From 32 hex digits, with or without {@code 0x}. */
  public static ConnectionId fromHex(String text) {
    byte[] bytes = Hex.parse(text, BYTES, "connection id");
    byte[] little = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      little[i] = bytes[BYTES - 1 - i];
    }
    return read(new BsatnReader(little));
  }

  /** Reads the BSATN form. */
  public static ConnectionId read(BsatnReader reader) {
    return new ConnectionId(reader.readI64(), reader.readI64());
  }

  /** Writes the BSATN form. */
  public void write(BsatnWriter writer) {
    writer.writeI64(word0).writeI64(word1);
  }

  /** 32 lower-case hex digits, without a prefix. */
  public String toHex() {
    return HexFormat.of().toHexDigits(word1) + HexFormat.of().toHexDigits(word0);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
