package dev.dormouse.datastore;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Times lookups in a tree; run by hand: not a test. */
final class TreeMeasurement {
  private TreeMeasurement() {}

  public static void main(String[] arguments) {
    for (int size : new int[] {1_000, 100_000, 1_000_000}) {
      SplittableRandom random = new SplittableRandom(1);
      BTree tree = new BTree(null);
      int[] order = new int[size];
      Arrays.setAll(order, i -> i);
      for (int i = size - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int t = order[i];
        order[i] = order[j];
        order[j] = t;
      }
      long start = cpuNanos();
      for (int k : order) {
        tree.insert((long) k << 32, KeyBuffer.NONE, k);
      }
      System.out.printf(
          "%d random inserts: %.1f ns each, %.1f B per entry%n",
          size, (cpuNanos() - start) / (double) size, tree.heapBytes() / (double) size);
      int[] keys = random.ints(1 << 16, 0, size).toArray();
      long sum = 0;
      double best = 1e9;
      double[] samples = new double[200];
      for (int s = 0; s < samples.length; s++) {
        start = cpuNanos();
        for (int k : keys) {
          sum += tree.find((long) k << 32);
        }
        samples[s] = (cpuNanos() - start) / (double) keys.length;
        best = Math.min(best, samples[s]);
      }
      Arrays.sort(samples);
      System.out.printf(
          "%d finds: median %.1f ns, min %.1f ns (%d)%n", size, samples[100], best, sum & 1);
    }
  }

  /** CPU time of this thread: other work on the machine counts less. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
