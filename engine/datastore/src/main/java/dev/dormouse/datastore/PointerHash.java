package dev.dormouse.datastore;

/**
 * A set of row pointers found by hash: extendible hashing over small open-addressing segments.
 *
 * <p>A segment doubles up to {@link #SEGMENT_SLOTS_MAX} slots and then splits in two, so growing
 * never stops the lane for longer than one segment takes. The owner makes sure that no two rows
 * match each other.
 */
final class PointerHash {
  private static final int SEGMENT_SLOTS_MIN = 8;
  private static final int SEGMENT_SLOTS_MAX = 1024;

  /** Beyond this the directory does not double and segments grow instead. */
  private static final int DEPTH_MAX = 22;

  /** Tells rows with the same hash apart. */
  interface Match {
    boolean matches(int pointer);
  }

  private static final class Segment {
    /** Tag and pointer + 1 of each slot; a pointer field of 0 is an empty slot. */
    int[] slots;

    int count;
    int depth;

    Segment(int capacity, int depth) {
      this.slots = new int[2 * capacity];
      this.depth = depth;
    }

    int mask() {
      return slots.length / 2 - 1;
    }

    void put(int tag, int pointer) {
      int mask = mask();
      int at = position(tag);
      while (slots[2 * at + 1] != 0) {
        at = (at + 1) & mask;
      }
      slots[2 * at] = tag;
      slots[2 * at + 1] = pointer + 1;
      count++;
    }

    /** The top bits are the same for a whole segment: mix before taking the position. */
    int position(int tag) {
      int mixed = tag * 0x9e3779b1;
      return (mixed ^ (mixed >>> 15)) & mask();
    }
  }

  private Segment[] directory = {new Segment(SEGMENT_SLOTS_MIN, 0)};
  private int depth;
  private int size;
  private long slots = SEGMENT_SLOTS_MIN;

  int size() {
    return size;
  }

  /** Rough bytes of heap. */
  long heapBytes() {
    return slots * 8 + directory.length * 4L;
  }

  private Segment segment(int tag) {
    return directory[depth == 0 ? 0 : tag >>> (32 - depth)];
  }

  /** The pointer with this tag that matches, or -1. */
  int find(int tag, Match match) {
    Segment segment = segment(tag);
    int[] slots = segment.slots;
    int mask = segment.mask();
    int at = segment.position(tag);
    while (true) {
      int pointer = slots[2 * at + 1] - 1;
      if (pointer < 0) {
        return -1;
      }
      if (slots[2 * at] == tag && match.matches(pointer)) {
        return pointer;
      }
      at = (at + 1) & mask;
    }
  }

  void insert(int tag, int pointer) {
    Segment segment = segment(tag);
    while (4 * (segment.count + 1) > 3 * (segment.mask() + 1)) {
      if (segment.mask() + 1 < SEGMENT_SLOTS_MAX || segment.depth == DEPTH_MAX) {
        grow(segment);
      } else {
        split(segment, tag);
        segment = segment(tag);
      }
    }
    segment.put(tag, pointer);
    size++;
  }

  private void grow(Segment segment) {
    int[] old = segment.slots;
    slots += old.length / 2;
    segment.slots = new int[2 * old.length];
    segment.count = 0;
    for (int i = 0; i < old.length; i += 2) {
      if (old[i + 1] != 0) {
        segment.put(old[i], old[i + 1] - 1);
      }
    }
  }

  private void split(Segment segment, int tag) {
    if (segment.depth == depth) {
      Segment[] doubled = new Segment[2 * directory.length];
      for (int i = 0; i < directory.length; i++) {
        doubled[2 * i] = directory[i];
        doubled[2 * i + 1] = directory[i];
      }
      directory = doubled;
      depth++;
    }
    int capacity = segment.mask() + 1;
    Segment low = new Segment(capacity, segment.depth + 1);
    Segment high = new Segment(capacity, segment.depth + 1);
    slots += capacity;
    int bit = 31 - segment.depth;
    for (int i = 0; i < segment.slots.length; i += 2) {
      if (segment.slots[i + 1] != 0) {
        Segment half = (segment.slots[i] >>> bit & 1) == 0 ? low : high;
        half.put(segment.slots[i], segment.slots[i + 1] - 1);
      }
    }
    int span = 1 << (depth - segment.depth);
    int first = (tag >>> (32 - depth)) & -span;
    for (int i = 0; i < span; i++) {
      directory[first + i] = i < span / 2 ? low : high;
    }
  }

  /** Removes this pointer; it must be there under this tag. */
  void remove(int tag, int pointer) {
    Segment segment = segment(tag);
    int[] slots = segment.slots;
    int mask = segment.mask();
    int at = segment.position(tag);
    while (slots[2 * at + 1] != pointer + 1) {
      if (slots[2 * at + 1] == 0) {
        throw new IllegalStateException("hash has no entry for row " + pointer);
      }
      at = (at + 1) & mask;
    }
    int gap = at;
    while (true) {
      at = (at + 1) & mask;
      if (slots[2 * at + 1] == 0) {
        break;
      }
      int home = segment.position(slots[2 * at]);
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        slots[2 * gap] = slots[2 * at];
        slots[2 * gap + 1] = slots[2 * at + 1];
        gap = at;
      }
    }
    slots[2 * gap] = 0;
    slots[2 * gap + 1] = 0;
    segment.count--;
    size--;
  }
}
