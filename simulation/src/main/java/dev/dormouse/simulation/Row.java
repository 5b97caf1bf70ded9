package dev.dormouse.simulation;

import java.util.Arrays;
import java.util.HexFormat;

/** A row's BSATN bytes as a value. */
final class Row implements Comparable<Row> {
  private final byte[] bytes;

  Row(byte[] source, int offset, int length) {
    this.bytes = Arrays.copyOfRange(source, offset, offset + length);
  }

  /** Not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row && Arrays.equals(bytes, row.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public int compareTo(Row other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
