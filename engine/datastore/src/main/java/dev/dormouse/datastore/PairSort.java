package dev.dormouse.datastore;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntFunction;

/** Sorts longs along with the row pointers that belong to them. */
final class PairSort {
  private PairSort() {}

  /** Sorts by the longs; equal ones keep their order. */
  static void sort(long[] keys, int[] pointers, int count) {
    long differing = 0;
    boolean sorted = true;
    for (int i = 1; i < count; i++) {
      differing |= keys[i] ^ keys[0];
      sorted &= keys[i - 1] <= keys[i];
    }
    if (sorted) {
      return;
    }
    long[] fromKeys = keys;
    int[] fromPointers = pointers;
    long[] toKeys = new long[count];
    int[] toPointers = new int[count];
    boolean swapped = false;
    for (int shift = 0; shift < Long.SIZE; shift += 8) {
      if ((differing >>> shift & 0xff) == 0) {
        continue;
      }
      int flip = shift == 56 ? 0x80 : 0;
      int[] starts = new int[257];
      for (int i = 0; i < count; i++) {
        starts[(((int) (fromKeys[i] >>> shift) & 0xff) ^ flip) + 1]++;
      }
      for (int i = 0; i < 256; i++) {
        starts[i + 1] += starts[i];
      }
      for (int i = 0; i < count; i++) {
        int to = starts[((int) (fromKeys[i] >>> shift) & 0xff) ^ flip]++;
        toKeys[to] = fromKeys[i];
        toPointers[to] = fromPointers[i];
      }
      long[] keysDone = toKeys;
      int[] pointersDone = toPointers;
      toKeys = fromKeys;
      toPointers = fromPointers;
      fromKeys = keysDone;
      fromPointers = pointersDone;
      swapped = !swapped;
    }
    if (swapped) {
      System.arraycopy(fromKeys, 0, keys, 0, count);
      System.arraycopy(fromPointers, 0, pointers, 0, count);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // private to this file, never compared
  private record Keyed(byte[] key, int pointer) {}

  /** Sorts pointers by their keys, then by themselves. */
  static void sortByKey(int[] pointers, int from, int to, IntFunction<byte[]> keyOf) {
    Keyed[] keyed = new Keyed[to - from];
    for (int i = from; i < to; i++) {
      keyed[i - from] = new Keyed(keyOf.apply(pointers[i]), pointers[i]);
    }
    Arrays.sort(
        keyed,
        Comparator.comparing(Keyed::key, Arrays::compareUnsigned).thenComparingInt(Keyed::pointer));
    for (int i = from; i < to; i++) {
      pointers[i] = keyed[i - from].pointer();
    }
  }
}
