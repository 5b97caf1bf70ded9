package dev.dormouse.datastore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A node of a {@link BTree}: a leaf, or an inner node with children.
 *
 * <p>Entry {@code i} of an inner node is a lower bound of all entries below child {@code i} and
 * greater than all below child {@code i - 1}; entry 0 may be less than that. Unused keys are {@link
 * #UNUSED}.
 */
final class TreeNode {
  /** What unused keys are, so that a search need not know how many are used. */
  static final long UNUSED = Long.MAX_VALUE;

  private static final byte[][] NO_SEPARATORS = {};
  private static final TreeNode[] NO_CHILDREN = {};

  long[] keys;
  int[] pointers;
  byte[][] separators = NO_SEPARATORS;
  TreeNode[] children = NO_CHILDREN;
  @Nullable TreeNode next;
  int count;

  TreeNode(int capacity) {
    keys = new long[capacity];
    Arrays.fill(keys, UNUSED);
    pointers = new int[capacity];
  }

  void grow(int capacity) {
    int old = keys.length;
    keys = Arrays.copyOf(keys, capacity);
    Arrays.fill(keys, old, capacity, UNUSED);
    pointers = Arrays.copyOf(pointers, capacity);
  }

  /** Index of the first key that is not less than {@code key}. */
  int firstNotLess(long key) {
    long[] in = keys;
    return in.length == BTree.FANOUT ? firstOfFull(in, key) : firstOfSmall(in, count, key);
  }

  /** As {@link #firstNotLess}, for keys greater than {@code key}. */
  int firstGreater(long key) {
    return key == Long.MAX_VALUE ? count : firstNotLess(key + 1);
  }

  /**
   * Seven fences, then the eight keys of one cache line: no step waits for the one before, so that
   * the misses of a cold node overlap, and nothing is mispredicted.
   */
  private static int firstOfFull(long[] in, long key) {
    int group =
        less(in[7], key)
            + less(in[15], key)
            + less(in[23], key)
            + less(in[31], key)
            + less(in[39], key)
            + less(in[47], key)
            + less(in[55], key);
    int at = group << 3;
    return at
        + less(in[at], key)
        + less(in[at + 1], key)
        + less(in[at + 2], key)
        + less(in[at + 3], key)
        + less(in[at + 4], key)
        + less(in[at + 5], key)
        + less(in[at + 6], key)
        + less(in[at + 7], key);
  }

  /** 1 if a is less than b, else 0, without a branch. */
  private static int less(long a, long b) {
    return a < b ? 1 : 0;
  }

  private static int firstOfSmall(long[] in, int count, long key) {
    int at = 0;
    while (at < count && in[at] < key) {
      at++;
    }
    return at;
  }
}
