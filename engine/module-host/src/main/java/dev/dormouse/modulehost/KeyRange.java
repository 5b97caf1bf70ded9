package dev.dormouse.modulehost;

/**
 * The arguments of a range scan as they lie in guest memory; every range has been checked. Reused
 * by the next import, so read it before returning. Source: spec module-abi §5.3.
 */
public final class KeyRange {
  private int prefixPointer;
  private int prefixLength;
  private int prefixElements;
  private int startPointer;
  private int startLength;
  private int endPointer;
  private int endLength;

  KeyRange() {}

  void setPrefix(int pointer, int length, int elements) {
    prefixPointer = pointer;
    prefixLength = length;
    prefixElements = elements;
  }

  void setBounds(int start, int startBytes, int end, int endBytes) {
    startPointer = start;
    startLength = startBytes;
    endPointer = end;
    endLength = endBytes;
  }

  /** Where the first key values lie, concatenated; meaningless if there are none. */
  public int prefixPointer() {
    return prefixPointer;
  }

  /**
   * Bytes of the prefix. With {@link #prefixElements()} 0 the pointer has not been looked at and
   * must not be; anything but 0 is then errno 3.
   */
  public int prefixLength() {
    return prefixLength;
  }

  /** How many key values the prefix holds, 0 to 65,535. */
  public int prefixElements() {
    return prefixElements;
  }

  /** Where the start {@code Bound} lies: tag, then a value unless unbounded. */
  public int startPointer() {
    return startPointer;
  }

  /** Bytes of the start bound. */
  public int startLength() {
    return startLength;
  }

  /** Where the end {@code Bound} lies. */
  public int endPointer() {
    return endPointer;
  }

  /** Bytes of the end bound. */
  public int endLength() {
    return endLength;
  }
}
