package dev.dormouse.snapshot;

import dev.dormouse.sats.DecodeException;

/**
 * Rows one after another, as chunks and inline manifests hold them.
 *
 * <pre>
 * rows   = row*
 * row    = length:varint bytes:byte[length]   ; BSATN of the row
 * varint = 1 to 5 bytes of seven bits, lowest first; the top bit says that another follows
 * </pre>
 */
final class RowCoding {
  static final int LENGTH_BYTES_MAX = 5;

  private RowCoding() {}

  /** Bytes that a row takes. */
  static int encodedBytes(int length) {
    int bits = 32 - Integer.numberOfLeadingZeros(length | 1);
    return (bits + 6) / 7 + length;
  }

  /** Writes a row where there is room for it; returns the position behind it. */
  static int write(byte[] into, int at, byte[] row, int offset, int length) {
    int position = at;
    int rest = length;
    while (rest > 0x7f) {
      into[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    into[position++] = (byte) rest;
    System.arraycopy(row, offset, into, position, length);
    return position + length;
  }

  /** Receives rows as views that hold only during the call. */
  @FunctionalInterface
  interface RowVisitor {
    void row(byte[] bytes, int offset, int length);
  }

  /**
   * Hands out the rows of a range.
   *
   * @throws DecodeException if the range is not exactly this many rows; those before it were handed
   *     out
   */
  static void forEach(byte[] bytes, int from, int to, long rows, RowVisitor visitor) {
    int at = from;
    for (long row = 0; row < rows; row++) {
      int length = 0;
      int shift = 0;
      byte part;
      do {
        if (at >= to || shift > 28) {
          throw new DecodeException(
              "row %d of %d has no length at byte %d of %d".formatted(row, rows, at, to));
        }
        part = bytes[at++];
        length |= (part & 0x7f) << shift;
        shift += 7;
      } while (part < 0);
      if (length < 0 || length > to - at) {
        throw new DecodeException(
            "row %d of %d has %d bytes, %d are left".formatted(row, rows, length, to - at));
      }
      visitor.row(bytes, at, length);
      at += length;
    }
    if (at != to) {
      throw new DecodeException("%d bytes behind the last of %d rows".formatted(to - at, rows));
    }
  }
}
