package dev.dormouse.datastore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An ordered set of (key, row pointer) pairs: a B+-tree with array nodes.
 *
 * <p>A key is a long and, where the long is only the first eight bytes of it, the rest is looked up
 * in the row through {@link Keys}; inner nodes keep whole keys as separators, so that only a search
 * within a leaf ever touches rows. Pairs make duplicates of a key cost nothing special: a unique
 * index is unique because its owner checks. Lookup, insert and remove make no garbage but node
 * splits. Nodes with few entries have small arrays.
 */
final class BTree {
  /** Most entries of a node. */
  static final int FANOUT = 64;

  private static final int UNDERFULL = FANOUT / 4;
  private static final int MERGED_MAX = FANOUT - FANOUT / 8;
  private static final int BULK_FILL = FANOUT - FANOUT / 16;

  /** Where the keys are whose first eight bytes are in the tree. */
  interface Keys {
    /** Order of the key of the row at {@code pointer} and {@code key}. */
    int compare(int pointer, KeyBuffer key);

    /** The key of the row at {@code pointer}. */
    byte[] copyKey(int pointer);
  }

  private final @Nullable Keys source;
  private TreeNode root = new TreeNode(4);
  private int height;
  private int size;
  private int nodes = 1;

  /** The position found by {@link #locate}: a leaf and an index, or no leaf at the end. */
  @Nullable TreeNode foundLeaf;

  int foundIndex;

  /** What the right half of a split starts with, for the level above. */
  private long upKey;

  private int upPointer;
  private byte[] upSeparator = NO_BYTES;
  private static final byte[] NO_BYTES = {};

  /** A tree whose longs are the whole keys, if {@code source} is null. */
  BTree(@Nullable Keys source) {
    this.source = source;
  }

  int size() {
    return size;
  }

  /** Rough bytes of heap. */
  long heapBytes() {
    return height == 0
        ? 64 + 12L * root.keys.length
        : nodes * (long) (80 + 12 * FANOUT) + (source == null ? 0 : 40L * nodes);
  }

  /** Pointer of the first entry with this key, where the long is the whole key; -1 if none. */
  int find(long key) {
    TreeNode node = root;
    for (int level = height; level > 0; level--) {
      node = node.children[Math.max(0, node.firstNotLess(key) - 1)];
    }
    int at = node.firstNotLess(key);
    while (at == node.count) {
      TreeNode next = node.next;
      if (next == null) {
        return -1;
      }
      node = next;
      at = 0;
    }
    return node.keys[at] == key ? node.pointers[at] : -1;
  }

  /** Pointer of the first entry with this key; -1 if none. */
  int find(long prefix, KeyBuffer key) {
    locate(prefix, key, -1);
    TreeNode leaf = foundLeaf;
    if (leaf == null || leaf.keys[foundIndex] != prefix) {
      return -1;
    }
    int pointer = leaf.pointers[foundIndex];
    return source == null || source.compare(pointer, key) == 0 ? pointer : -1;
  }

  /** Finds the first entry that is not less than (key, pointer). */
  void locate(long prefix, KeyBuffer key, int pointer) {
    TreeNode node = root;
    for (int level = height; level > 0; level--) {
      node = node.children[childOf(node, prefix, key, pointer)];
    }
    int at = entryOf(node, prefix, key, pointer);
    @Nullable TreeNode leaf = node;
    while (leaf != null && at == leaf.count) {
      leaf = leaf.next;
      at = 0;
    }
    foundLeaf = leaf;
    foundIndex = at;
  }

  /** Finds the first entry of all. */
  void locateFirst() {
    TreeNode node = root;
    for (int level = height; level > 0; level--) {
      node = node.children[0];
    }
    @Nullable TreeNode leaf = node;
    while (leaf != null && leaf.count == 0) {
      leaf = leaf.next;
    }
    foundLeaf = leaf;
    foundIndex = 0;
  }

  void insert(long prefix, KeyBuffer key, int pointer) {
    TreeNode node = root;
    for (int level = height; level > 0; level--) {
      node = node.children[childOf(node, prefix, key, pointer)];
    }
    if (node.count < FANOUT) {
      insertEntry(node, entryOf(node, prefix, key, pointer), prefix, pointer);
    } else {
      TreeNode right = insertBelow(root, height, prefix, key, pointer);
      if (right != null) {
        TreeNode top = inner();
        top.keys[0] = Long.MIN_VALUE;
        top.children[0] = root;
        top.count = 1;
        root = top;
        height++;
        insertChild(top, 1, right);
      }
    }
    size++;
  }

  /** Removes exactly this pair; it must be there. */
  void remove(long prefix, KeyBuffer key, int pointer) {
    TreeNode node = root;
    for (int level = height; level > 0; level--) {
      node = node.children[childOf(node, prefix, key, pointer)];
    }
    int at = entryOf(node, prefix, key, pointer);
    if (at == node.count || node.keys[at] != prefix || node.pointers[at] != pointer) {
      throw new IllegalStateException("index has no entry for row " + pointer);
    }
    if (node.count > UNDERFULL || height == 0) {
      removeEntry(node, at);
    } else {
      removeBelow(root, height, prefix, key, pointer);
      while (height > 0 && root.count == 1) {
        root = root.children[0];
        height--;
        nodes--;
      }
    }
    size--;
  }

  /** The child of an inner node below which (key, pointer) belongs. */
  private int childOf(TreeNode node, long prefix, KeyBuffer key, int pointer) {
    int low = Math.max(1, node.firstNotLess(prefix));
    if (low >= node.count || node.keys[low] != prefix) {
      return Math.min(low, node.count) - 1;
    }
    int high = node.firstGreater(prefix);
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order =
          source == null
              ? 0
              : key.compareFrom(node.separators[middle], node.separators[middle].length);
      if (order == 0) {
        order = Integer.compare(node.pointers[middle], pointer);
      }
      if (order <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** Index in a leaf of the first entry that is not less than (key, pointer). */
  private int entryOf(TreeNode leaf, long prefix, KeyBuffer key, int pointer) {
    int low = leaf.firstNotLess(prefix);
    if (low == leaf.count || leaf.keys[low] != prefix) {
      return low;
    }
    int high = leaf.firstGreater(prefix);
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order = source == null ? 0 : source.compare(leaf.pointers[middle], key);
      if (order == 0) {
        order = Integer.compare(leaf.pointers[middle], pointer);
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static void insertEntry(TreeNode leaf, int at, long key, int pointer) {
    int count = leaf.count;
    if (count == leaf.keys.length) {
      leaf.grow(Math.min(FANOUT, 2 * count));
    }
    System.arraycopy(leaf.keys, at, leaf.keys, at + 1, count - at);
    System.arraycopy(leaf.pointers, at, leaf.pointers, at + 1, count - at);
    leaf.keys[at] = key;
    leaf.pointers[at] = pointer;
    leaf.count = count + 1;
  }

  private static void removeEntry(TreeNode leaf, int at) {
    int count = leaf.count - 1;
    System.arraycopy(leaf.keys, at + 1, leaf.keys, at, count - at);
    System.arraycopy(leaf.pointers, at + 1, leaf.pointers, at, count - at);
    leaf.keys[count] = TreeNode.UNUSED;
    leaf.count = count;
  }

  private TreeNode leaf() {
    nodes++;
    return new TreeNode(FANOUT);
  }

  private TreeNode inner() {
    nodes++;
    TreeNode node = new TreeNode(FANOUT);
    node.children = new TreeNode[FANOUT];
    if (source != null) {
      node.separators = new byte[FANOUT][];
    }
    return node;
  }

  /** Inserts below a node; a split's right half is returned, its start left in the up fields. */
  private @Nullable TreeNode insertBelow(
      TreeNode node, int level, long prefix, KeyBuffer key, int pointer) {
    if (level == 0) {
      return insertSplitting(node, entryOf(node, prefix, key, pointer), prefix, key, pointer);
    }
    int child = childOf(node, prefix, key, pointer);
    TreeNode right = insertBelow(node.children[child], level - 1, prefix, key, pointer);
    if (right == null) {
      return null;
    }
    if (node.count < FANOUT) {
      insertChild(node, child + 1, right);
      return null;
    }
    return splitInner(node, child + 1, right);
  }

  private @Nullable TreeNode insertSplitting(
      TreeNode leaf, int at, long prefix, KeyBuffer key, int pointer) {
    if (leaf.count < FANOUT) {
      insertEntry(leaf, at, prefix, pointer);
      return null;
    }
    TreeNode right = leaf();
    // Ascending keys fill their leaves: at the far right the full leaf stays as it is.
    int keep = at == FANOUT && leaf.next == null ? FANOUT : FANOUT / 2;
    moveTail(leaf, keep, right);
    right.next = leaf.next;
    leaf.next = right;
    if (at > keep || keep == FANOUT) {
      insertEntry(right, at - keep, prefix, pointer);
    } else {
      insertEntry(leaf, at, prefix, pointer);
    }
    upKey = right.keys[0];
    upPointer = right.pointers[0];
    if (source != null) {
      upSeparator = upPointer == pointer ? key.copy() : source.copyKey(upPointer);
    }
    return right;
  }

  /** Moves the entries from {@code keep} on behind those of an emptier node. */
  private static void moveTail(TreeNode from, int keep, TreeNode to) {
    int moved = from.count - keep;
    System.arraycopy(from.keys, keep, to.keys, to.count, moved);
    Arrays.fill(from.keys, keep, from.count, TreeNode.UNUSED);
    System.arraycopy(from.pointers, keep, to.pointers, to.count, moved);
    if (from.children.length > 0) {
      System.arraycopy(from.children, keep, to.children, to.count, moved);
      Arrays.fill(from.children, keep, from.count, null);
      if (from.separators.length > 0) {
        System.arraycopy(from.separators, keep, to.separators, to.count, moved);
        Arrays.fill(from.separators, keep, from.count, null);
      }
    }
    to.count += moved;
    from.count = keep;
  }

  /** Inserts a child whose start is in the up fields. */
  private void insertChild(TreeNode node, int at, TreeNode child) {
    int tail = node.count - at;
    System.arraycopy(node.keys, at, node.keys, at + 1, tail);
    System.arraycopy(node.pointers, at, node.pointers, at + 1, tail);
    System.arraycopy(node.children, at, node.children, at + 1, tail);
    node.keys[at] = upKey;
    node.pointers[at] = upPointer;
    node.children[at] = child;
    if (source != null) {
      System.arraycopy(node.separators, at, node.separators, at + 1, tail);
      node.separators[at] = upSeparator;
    }
    node.count++;
  }

  private TreeNode splitInner(TreeNode node, int at, TreeNode child) {
    TreeNode right = inner();
    if (at == FANOUT) {
      // As in a leaf: what goes up is the new child's own start.
      right.keys[0] = Long.MIN_VALUE;
      right.children[0] = child;
      right.count = 1;
      return right;
    }
    int keep = FANOUT / 2;
    moveTail(node, keep, right);
    long key = right.keys[0];
    int pointer = right.pointers[0];
    byte[] separator = source == null ? NO_BYTES : right.separators[0];
    if (at > keep) {
      insertChild(right, at - keep, child);
    } else {
      insertChild(node, at, child);
    }
    upKey = key;
    upPointer = pointer;
    upSeparator = separator;
    return right;
  }

  private void removeBelow(TreeNode node, int level, long prefix, KeyBuffer key, int pointer) {
    if (level == 0) {
      removeEntry(node, entryOf(node, prefix, key, pointer));
      return;
    }
    int child = childOf(node, prefix, key, pointer);
    removeBelow(node.children[child], level - 1, prefix, key, pointer);
    if (node.children[child].count < UNDERFULL && node.count > 1) {
      rebalance(node, Math.max(0, child - 1), level - 1);
    }
  }

  /** Joins the children {@code at} and {@code at + 1}, or shares their entries evenly. */
  private void rebalance(TreeNode parent, int at, int level) {
    TreeNode left = parent.children[at];
    TreeNode right = parent.children[at + 1];
    if (level > 0) {
      right.keys[0] = parent.keys[at + 1];
      right.pointers[0] = parent.pointers[at + 1];
      if (source != null) {
        right.separators[0] = parent.separators[at + 1];
      }
    }
    if (left.count + right.count <= MERGED_MAX) {
      full(left);
      moveTail(right, 0, left);
      left.next = right.next;
      removeChild(parent, at + 1);
      nodes--;
      return;
    }
    int wanted = (left.count + right.count) / 2;
    full(left);
    full(right);
    if (left.count > wanted) {
      int moved = left.count - wanted;
      makeRoom(right, moved);
      int rightCount = right.count;
      right.count = 0;
      moveTail(left, wanted, right);
      right.count = rightCount + moved;
    } else {
      int moved = wanted - left.count;
      moveHead(right, moved, left);
    }
    parent.keys[at + 1] = right.keys[0];
    parent.pointers[at + 1] = right.pointers[0];
    if (source != null) {
      parent.separators[at + 1] =
          level > 0 ? right.separators[0] : source.copyKey(right.pointers[0]);
    }
  }

  private static void full(TreeNode node) {
    if (node.keys.length < FANOUT) {
      node.grow(FANOUT);
    }
  }

  private static void makeRoom(TreeNode node, int count) {
    System.arraycopy(node.keys, 0, node.keys, count, node.count);
    System.arraycopy(node.pointers, 0, node.pointers, count, node.count);
    if (node.children.length > 0) {
      System.arraycopy(node.children, 0, node.children, count, node.count);
      if (node.separators.length > 0) {
        System.arraycopy(node.separators, 0, node.separators, count, node.count);
      }
    }
  }

  /** Moves the first entries behind those of the left neighbour. */
  private static void moveHead(TreeNode from, int moved, TreeNode to) {
    int rest = from.count - moved;
    System.arraycopy(from.keys, 0, to.keys, to.count, moved);
    System.arraycopy(from.keys, moved, from.keys, 0, rest);
    Arrays.fill(from.keys, rest, from.count, TreeNode.UNUSED);
    System.arraycopy(from.pointers, 0, to.pointers, to.count, moved);
    System.arraycopy(from.pointers, moved, from.pointers, 0, rest);
    if (from.children.length > 0) {
      System.arraycopy(from.children, 0, to.children, to.count, moved);
      System.arraycopy(from.children, moved, from.children, 0, rest);
      Arrays.fill(from.children, rest, from.count, null);
      if (from.separators.length > 0) {
        System.arraycopy(from.separators, 0, to.separators, to.count, moved);
        System.arraycopy(from.separators, moved, from.separators, 0, rest);
        Arrays.fill(from.separators, rest, from.count, null);
      }
    }
    to.count += moved;
    from.count = rest;
  }

  private static void removeChild(TreeNode node, int at) {
    int tail = node.count - at - 1;
    System.arraycopy(node.keys, at + 1, node.keys, at, tail);
    System.arraycopy(node.pointers, at + 1, node.pointers, at, tail);
    System.arraycopy(node.children, at + 1, node.children, at, tail);
    node.count--;
    node.keys[node.count] = TreeNode.UNUSED;
    node.children[node.count] = null;
    if (node.separators.length > 0) {
      System.arraycopy(node.separators, at + 1, node.separators, at, tail);
      node.separators[node.count] = null;
    }
  }

  /** Fills an empty tree with sorted pairs. */
  void build(long[] keys, int[] pointers, int count) {
    if (size != 0) {
      throw new IllegalStateException("tree holds " + size + " entries");
    }
    if (count == 0) {
      return;
    }
    int width = (count + BULK_FILL - 1) / BULK_FILL;
    TreeNode[] level = new TreeNode[width];
    int from = 0;
    nodes = 0;
    for (int i = 0; i < width; i++) {
      int to = (int) ((long) count * (i + 1) / width);
      TreeNode leaf;
      if (width == 1) {
        leaf = new TreeNode(Math.max(4, count));
        nodes++;
      } else {
        leaf = leaf();
      }
      leaf.count = to - from;
      System.arraycopy(keys, from, leaf.keys, 0, leaf.count);
      System.arraycopy(pointers, from, leaf.pointers, 0, leaf.count);
      if (i > 0) {
        level[i - 1].next = leaf;
      }
      level[i] = leaf;
      from = to;
    }
    size = count;
    height = 0;
    while (level.length > 1) {
      level = buildAbove(level);
      height++;
    }
    root = level[0];
  }

  private TreeNode[] buildAbove(TreeNode[] below) {
    int width = (below.length + BULK_FILL - 1) / BULK_FILL;
    TreeNode[] level = new TreeNode[width];
    int from = 0;
    for (int i = 0; i < width; i++) {
      int to = (int) ((long) below.length * (i + 1) / width);
      TreeNode node = inner();
      for (int j = from; j < to; j++) {
        TreeNode child = below[j];
        node.keys[j - from] = child.keys[0];
        node.pointers[j - from] = child.pointers[0];
        node.children[j - from] = child;
        if (source != null) {
          node.separators[j - from] =
              height > 0 ? child.separators[0] : source.copyKey(child.pointers[0]);
        }
      }
      node.count = to - from;
      level[i] = node;
      from = to;
    }
    return level;
  }
}
