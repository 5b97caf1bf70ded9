package dev.dormouse.database;

/**
 * The arguments of a call as they came. Arrays are handed over, not copied: nobody changes them
 * afterwards.
 */
public sealed interface Arguments {
  /** How long they are, in bytes. */
  int size();

  /** BSATN of the parameter product, in a range of an array. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; a copy per call would cost
  record Bsatn(byte[] bytes, int offset, int length) implements Arguments {
    @Override
    public int size() {
      return length;
    }
  }

  /** One JSON document in UTF-8: an array by position or an object by name. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; a copy per call would cost
  record Json(byte[] utf8) implements Arguments {
    @Override
    public int size() {
      return utf8.length;
    }
  }
}
