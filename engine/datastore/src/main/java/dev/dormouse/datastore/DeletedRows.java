package dev.dormouse.datastore;

import it.unimi.dsi.fastutil.ints.Int2IntOpenHashMap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The committed rows of one table that the transaction has deleted, each with the write's number.
 */
final class DeletedRows {
  private static final int STRIDE = 2;
  private static final int LINEAR_MAX = 8;
  private static final int ARRAY_KEPT = 1024;

  /** Stands for the number of the write once another row has the place. */
  private static final int PLACE_TAKEN = -1;

  private static final int[] NO_INTS = {};

  /** Pairs of pointer and number of the write. */
  private int[] pairs = NO_INTS;

  private int count;

  /** Where each pointer is in the pairs, once there are more than a few. */
  private @Nullable Int2IntOpenHashMap positions;

  int count() {
    return count;
  }

  /** The pointer of the i-th row. */
  int pointer(int i) {
    return pairs[i * STRIDE];
  }

  /** Number of the write that deleted a row, or 0. */
  int deletedAt(int pointer) {
    int at = find(pointer);
    return at < 0 ? 0 : pairs[at * STRIDE + 1];
  }

  private int find(int pointer) {
    Int2IntOpenHashMap map = positions;
    if (map != null) {
      return map.get(pointer);
    }
    for (int i = count - 1; i >= 0; i--) {
      if (pairs[i * STRIDE] == pointer) {
        return i;
      }
    }
    return -1;
  }

  void add(int pointer, int sequence) {
    int at = count * STRIDE;
    if (at == pairs.length) {
      pairs = Arrays.copyOf(pairs, Math.max(8 * STRIDE, 2 * pairs.length));
    }
    if (count == LINEAR_MAX) {
      Int2IntOpenHashMap map = new Int2IntOpenHashMap();
      map.defaultReturnValue(-1);
      for (int i = 0; i < count; i++) {
        map.put(pairs[i * STRIDE], i);
      }
      positions = map;
    }
    pairs[at] = pointer;
    pairs[at + 1] = sequence;
    Int2IntOpenHashMap map = positions;
    if (map != null) {
      map.put(pointer, count);
    }
    count++;
  }

  /** The row, which is deleted, is so no more. */
  void remove(int pointer) {
    int at = find(pointer);
    int last = count - 1;
    pairs[at * STRIDE] = pairs[last * STRIDE];
    pairs[at * STRIDE + 1] = pairs[last * STRIDE + 1];
    Int2IntOpenHashMap map = positions;
    if (map != null) {
      map.put(pairs[at * STRIDE], at);
      map.remove(pointer);
    }
    count = last;
  }

  /** Gives the place of a row to another; false if the row is not deleted. */
  boolean takePlace(int pointer) {
    int at = find(pointer);
    if (at < 0) {
      return false;
    }
    pairs[at * STRIDE + 1] = PLACE_TAKEN;
    return true;
  }

  /** Whether the place of the i-th row goes to another. */
  boolean placeIsTaken(int i) {
    return pairs[i * STRIDE + 1] == PLACE_TAKEN;
  }

  /** Forgets everything; after a write that did not end, the array too. */
  void reset(boolean torn) {
    if (torn || pairs.length > ARRAY_KEPT) {
      pairs = NO_INTS;
    }
    positions = null;
    count = 0;
  }
}
