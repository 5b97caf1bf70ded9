package dev.dormouse.subscription;

/** A client's number of one of its query sets: 32 bits, unsigned. */
public record QuerySetId(int value) implements Comparable<QuerySetId> {
  @Override
  public int compareTo(QuerySetId other) {
    return Integer.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toUnsignedString(value);
  }
}
