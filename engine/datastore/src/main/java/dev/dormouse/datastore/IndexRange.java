package dev.dormouse.datastore;

import dev.dormouse.sats.BsatnWriter;
import java.util.Arrays;

/**
 * Which keys of an index: all that start with a prefix and lie between two bounds of the element
 * behind it; elements after that one are free.
 *
 * <p>Made once and reset for each call, so that a scan through the module ABI copies nothing. The
 * arrays handed in are not copied and must not change before the scan has been opened. Source: spec
 * module-abi §5.3.
 */
public final class IndexRange {
  /** Tag of a bound that belongs to the range. */
  public static final int INCLUDED = 0;

  /** Tag of a bound that does not belong to the range. */
  public static final int EXCLUDED = 1;

  /** Tag of no bound. */
  public static final int UNBOUNDED = 2;

  private static final byte[] NO_BYTES = {};
  private static final byte[] NO_BOUND = {UNBOUNDED};

  private int prefixElements;
  byte[] prefix = NO_BYTES;
  int prefixOffset;
  int prefixLength;
  byte[] start = NO_BOUND;
  int startOffset;
  int startLength = 1;
  byte[] end = NO_BOUND;
  int endOffset;
  int endLength = 1;

  /** All keys. */
  public IndexRange() {}

  /** Elements of the key that the prefix holds. */
  public int prefixElements() {
    return prefixElements;
  }

  /** Sets the prefix: BSATN of the first {@code elements} elements, one after another. */
  public IndexRange prefix(int elements, byte[] bytes, int offset, int length) {
    prefixElements = elements;
    prefix = bytes;
    prefixOffset = offset;
    prefixLength = length;
    return this;
  }

  /** Sets the start: a tag and, unless it is {@link #UNBOUNDED}, BSATN of a value. */
  public IndexRange start(byte[] bytes, int offset, int length) {
    start = bytes;
    startOffset = offset;
    startLength = length;
    return this;
  }

  /** Sets the end, as {@link #start}. */
  public IndexRange end(byte[] bytes, int offset, int length) {
    end = bytes;
    endOffset = offset;
    endLength = length;
    return this;
  }

  /** Sets the start from a tag and BSATN of a value. */
  public IndexRange start(int tag, byte[] value) {
    byte[] bound = bound(tag, value);
    return start(bound, 0, bound.length);
  }

  /** Sets the end from a tag and BSATN of a value. */
  public IndexRange end(int tag, byte[] value) {
    byte[] bound = bound(tag, value);
    return end(bound, 0, bound.length);
  }

  private static byte[] bound(int tag, byte[] value) {
    return new BsatnWriter(1 + value.length).writeTag(tag).writeRaw(value).toByteArray();
  }

  /**
   * Whether the range is one key of an index with this many elements: both bounds included, equal,
   * and nothing free behind them. Source: spec module-abi §5.3.
   */
  public boolean isPoint(int keyElements) {
    return prefixElements + 1 == keyElements
        && startLength > 0
        && start[startOffset] == INCLUDED
        && Arrays.equals(
            start, startOffset, startOffset + startLength, end, endOffset, endOffset + endLength);
  }
}
