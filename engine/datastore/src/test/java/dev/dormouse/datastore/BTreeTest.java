package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BTreeTest {
  private record Pair(long key, int pointer) {}

  private static final Comparator<Pair> ORDER =
      Comparator.comparingLong(Pair::key).thenComparingInt(Pair::pointer);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void holdsTheSamePairsAsATreeSet(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int keys = new int[] {3, 300, 100_000, Integer.MAX_VALUE}[(int) (seed % 4)];
    BTree tree = new BTree(null);
    TreeSet<Pair> model = new TreeSet<>(ORDER);
    List<Pair> present = new ArrayList<>();
    for (int step = 0; step < 60_000; step++) {
      boolean shrinking = step / 10_000 % 2 == 1;
      if (!present.isEmpty() && random.nextInt(10) < (shrinking ? 8 : 3)) {
        int at = random.nextInt(present.size());
        Pair removed = present.get(at);
        present.set(at, present.getLast());
        present.removeLast();
        tree.remove(removed.key, KeyBuffer.NONE, removed.pointer);
        model.remove(removed);
      } else {
        Pair added = new Pair((long) random.nextInt(keys) - keys / 2, random.nextInt(1 << 20));
        if (model.add(added)) {
          present.add(added);
          tree.insert(added.key, KeyBuffer.NONE, added.pointer);
        }
      }
      if (step % 16 == 0) {
        long probe = (long) random.nextInt(keys) - keys / 2;
        Pair first = model.ceiling(new Pair(probe, -1));
        int expected = first == null || first.key != probe ? -1 : first.pointer;
        assertEquals(expected, tree.find(probe), "seed " + seed + " step " + step);
      }
      if (step % 5000 == 0) {
        assertEquals(new ArrayList<>(model), all(tree), "seed " + seed + " step " + step);
      }
    }
    for (Pair pair : present) {
      tree.remove(pair.key, KeyBuffer.NONE, pair.pointer);
    }
    assertEquals(List.of(), all(tree), "seed " + seed);
    assertEquals(0, tree.size());
  }

  private static List<Pair> all(BTree tree) {
    List<Pair> pairs = new ArrayList<>();
    tree.locateFirst();
    TreeNode leaf = tree.foundLeaf;
    while (leaf != null) {
      for (int i = 0; i < leaf.count; i++) {
        pairs.add(new Pair(leaf.keys[i], leaf.pointers[i]));
      }
      leaf = leaf.next;
    }
    assertEquals(pairs.size(), tree.size());
    return pairs;
  }

  @Test
  void ascendingKeysFillLeaves() {
    BTree tree = new BTree(null);
    for (int i = 0; i < 100_000; i++) {
      tree.insert(i, KeyBuffer.NONE, i);
    }
    assertEquals(100_000, all(tree).size());
    double bytesPerEntry = tree.heapBytes() / 100_000.0;
    assertEquals(true, bytesPerEntry < 14.5, bytesPerEntry + " bytes per entry");
  }

  /** Keys longer than eight bytes with long common starts, looked up by pointer. */
  private static final class Texts implements BTree.Keys {
    final List<byte[]> keys = new ArrayList<>();

    @Override
    public int compare(int pointer, KeyBuffer key) {
      byte[] bytes = keys.get(pointer);
      return key.compareFrom(bytes, bytes.length);
    }

    @Override
    public byte[] copyKey(int pointer) {
      return keys.get(pointer).clone();
    }
  }

  private static KeyBuffer buffer(byte[] key) {
    KeyBuffer buffer = new KeyBuffer();
    int at = buffer.room(key.length);
    System.arraycopy(key, 0, buffer.bytes, at, key.length);
    return buffer;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void longKeysAreOrderedBeyondTheirFirstBytes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Texts texts = new Texts();
    BTree tree = new BTree(texts);
    Comparator<Integer> order =
        Comparator.<Integer, byte[]>comparing(texts.keys::get, Arrays::compareUnsigned)
            .thenComparing(Comparator.naturalOrder());
    TreeSet<Integer> model = new TreeSet<>(order);
    List<Integer> present = new ArrayList<>();
    for (int step = 0; step < 30_000; step++) {
      boolean shrinking = step / 8_000 % 2 == 1;
      if (!present.isEmpty() && random.nextInt(10) < (shrinking ? 8 : 3)) {
        int at = random.nextInt(present.size());
        int pointer = present.get(at);
        present.set(at, present.getLast());
        present.removeLast();
        KeyBuffer key = buffer(texts.keys.get(pointer));
        tree.remove(key.prefix(), key, pointer);
        model.remove(pointer);
      } else {
        String start = random.nextBoolean() ? "common start " : "";
        byte[] text = (start + random.nextInt(5_000)).getBytes(StandardCharsets.UTF_8);
        int pointer = texts.keys.size();
        texts.keys.add(text);
        KeyBuffer key = buffer(text);
        tree.insert(key.prefix(), key, pointer);
        model.add(pointer);
        present.add(pointer);
        assertEquals(model.size(), tree.size(), "seed " + seed);
        int found = tree.find(key.prefix(), key);
        assertEquals(0, Arrays.compare(text, texts.keys.get(found)), "seed " + seed);
      }
      if (step % 4000 == 0) {
        List<Integer> pointers = new ArrayList<>();
        all(tree).forEach(pair -> pointers.add(pair.pointer));
        assertEquals(new ArrayList<>(model), pointers, "seed " + seed + " step " + step);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 59, 60, 61, 64, 3600, 3601, 50_000})
  void builtInBulkItIsTheSameTree(int count) {
    SplittableRandom random = new SplittableRandom(count);
    long[] keys = new long[count];
    int[] pointers = new int[count];
    List<Pair> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys[i] = random.nextLong(-50, 50) * (i % 3 == 0 ? 1L << 40 : 1);
      pointers[i] = i;
      expected.add(new Pair(keys[i], i));
    }
    expected.sort(ORDER);
    PairSort.sort(keys, pointers, count);
    BTree tree = new BTree(null);
    tree.build(keys, pointers, count);
    assertEquals(expected, all(tree));
    for (int i = 0; i < Math.min(count, 200); i++) {
      Pair removed = expected.get(random.nextInt(expected.size()));
      tree.remove(removed.key, KeyBuffer.NONE, removed.pointer);
      expected.remove(removed);
      Pair added = new Pair(random.nextLong(-50, 50), count + i);
      tree.insert(added.key, KeyBuffer.NONE, added.pointer);
      expected.add(added);
    }
    expected.sort(ORDER);
    assertEquals(expected, all(tree));
  }
}
