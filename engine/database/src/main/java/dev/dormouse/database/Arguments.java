package dev.dormouse.database;

/**
 * The arguments of a call as they came. Arrays are handed over, not copied: nobody changes them
 * afterwards.
 */
public sealed interface Arguments {
  /** BSATN of the parameter product, in a range of an array. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; a copy per call would cost
  record Bsatn(byte[] bytes, int offset, int length) implements Arguments {}

  /** One JSON document in UTF-8: an array by position or an object by name. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; a copy per call would cost
  record Json(byte[] utf8) implements Arguments {}
}
