package dev.dormouse.query;

import java.util.Arrays;
import java.util.HexFormat;

/** A value of a comparable type as BSATN. Equal if the bytes are. */
public final class Constant {
  private final byte[] bsatn;

  Constant(byte[] bsatn) {
    this.bsatn = bsatn.clone();
  }

  /** Bytes of the encoding. */
  public int length() {
    return bsatn.length;
  }

  /** A copy of the encoding. */
  public byte[] toByteArray() {
    return bsatn.clone();
  }

  /** The encoding itself, for this package; it must not be written to. */
  byte[] bytes() {
    return bsatn;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Constant that && Arrays.equals(bsatn, that.bsatn);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bsatn);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bsatn);
  }
}
