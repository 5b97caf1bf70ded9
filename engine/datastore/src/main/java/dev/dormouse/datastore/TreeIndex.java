package dev.dormouse.datastore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An index in the order of keys. Serves every kind but the unique hash index. */
final class TreeIndex extends Index {
  private static final long[] NO_LONGS = {};
  private static final int[] NO_ROWS = {};

  final KeyEncoding encoding;

  /** Whether the long of a key is all of it. */
  private final boolean exact;

  private final BTree tree;
  private long[] insertedPrefixes = NO_LONGS;
  private @Nullable BTree insertedTree;

  TreeIndex(
      IndexSchema schema,
      KeyEncoding encoding,
      StoreContext context,
      RowPages pages,
      TableOverlay overlay) {
    super(schema, schema.unique(), context, pages, overlay);
    this.encoding = encoding;
    this.exact = encoding.packs();
    this.tree = new BTree(exact ? null : new CommittedKeys());
  }

  /** Keys of committed rows. */
  private final class CommittedKeys implements BTree.Keys {
    @Override
    public int compare(int pointer, KeyBuffer key) {
      return encoding.compareRow(pages.bytes(pointer), pages.offset(pointer), key, context.other);
    }

    @Override
    public byte[] copyKey(int pointer) {
      KeyBuffer other = context.other;
      encoding.encodeRow(pages.bytes(pointer), pages.offset(pointer), other);
      return other.copy();
    }
  }

  /** Keys of inserted rows. */
  private final class InsertedKeys implements BTree.Keys {
    @Override
    public int compare(int number, KeyBuffer key) {
      return encoding.compareRow(overlay.bytes(number), overlay.offset(number), key, context.other);
    }

    @Override
    public byte[] copyKey(int number) {
      KeyBuffer other = context.other;
      encoding.encodeRow(overlay.bytes(number), overlay.offset(number), other);
      return other.copy();
    }
  }

  /** The long of a row's key; unless that is all, the key is left in the context. */
  private long prefixOf(byte[] row, int offset) {
    if (exact) {
      return encoding.packRow(row, offset, context.key);
    }
    encoding.encodeRow(row, offset, context.key);
    return context.key.prefix();
  }

  @Override
  int find(byte[] row, int offset, int length) {
    long prefix = prefixOf(row, offset);
    return exact ? tree.find(prefix) : tree.find(prefix, context.key);
  }

  @Override
  int findInserted(byte[] row, int offset, int length) {
    return overlay.rowCount() == 0 ? -1 : findInserted(prefixOf(row, offset));
  }

  private int findInserted(long prefix) {
    BTree grown = insertedTree;
    if (grown != null) {
      return exact ? grown.find(prefix) : grown.find(prefix, context.key);
    }
    for (int i = overlay.rowCount() - 1; i >= 0; i--) {
      if (insertedPrefixes[i] == prefix && overlay.isLive(i) && (exact || hasKey(i))) {
        return i;
      }
    }
    return -1;
  }

  /** Whether an inserted row has the key in the context. */
  private boolean hasKey(int number) {
    return encoding.compareRow(
            overlay.bytes(number), overlay.offset(number), context.key, context.other)
        == 0;
  }

  @Override
  int findKey(byte[] key, int offset) {
    if (exact) {
      return tree.find(encoding.packPoint(key, offset, context.key));
    }
    encoding.encodePoint(key, offset, context.key);
    return tree.find(context.key.prefix(), context.key);
  }

  @Override
  int findKeyInserted(byte[] key, int offset) {
    if (overlay.rowCount() == 0) {
      return -1;
    }
    if (exact) {
      return findInserted(encoding.packPoint(key, offset, context.key));
    }
    encoding.encodePoint(key, offset, context.key);
    return findInserted(context.key.prefix());
  }

  @Override
  boolean sameKey(byte[] row1, int offset1, int length1, byte[] row2, int offset2, int length2) {
    if (exact) {
      return encoding.packRow(row1, offset1, context.key)
          == encoding.packRow(row2, offset2, context.key);
    }
    encoding.encodeRow(row1, offset1, context.key);
    encoding.encodeRow(row2, offset2, context.other);
    return context.key.compareFrom(context.other.bytes, context.other.length) == 0;
  }

  @Override
  void insert(byte[] row, int offset, int length, int pointer) {
    tree.insert(prefixOf(row, offset), context.key, pointer);
  }

  @Override
  void remove(int pointer) {
    tree.remove(prefixOf(pages.bytes(pointer), pages.offset(pointer)), context.key, pointer);
  }

  @Override
  boolean build(int[] pointers) {
    int count = pointers.length;
    long[] prefixes = new long[count];
    for (int i = 0; i < count; i++) {
      prefixes[i] = prefixOf(pages.bytes(pointers[i]), pages.offset(pointers[i]));
    }
    int[] sorted = pointers.clone();
    PairSort.sort(prefixes, sorted, count);
    if (!exact) {
      sortTies(prefixes, sorted, count);
    }
    tree.build(prefixes, sorted, count);
    return !unique || isDistinct(prefixes, sorted);
  }

  private boolean isDistinct(long[] prefixes, int[] sorted) {
    for (int i = 1; i < sorted.length; i++) {
      if (prefixes[i - 1] == prefixes[i] && (exact || sameKey(sorted[i - 1], sorted[i]))) {
        return false;
      }
    }
    return true;
  }

  private boolean sameKey(int pointer1, int pointer2) {
    return sameKey(
        pages.bytes(pointer1),
        pages.offset(pointer1),
        pages.length(pointer1),
        pages.bytes(pointer2),
        pages.offset(pointer2),
        pages.length(pointer2));
  }

  private void sortTies(long[] prefixes, int[] pointers, int count) {
    for (int from = 0; from < count; ) {
      int to = from + 1;
      while (to < count && prefixes[to] == prefixes[from]) {
        to++;
      }
      if (to - from > 1) {
        PairSort.sortByKey(
            pointers,
            from,
            to,
            pointer -> {
              encoding.encodeRow(pages.bytes(pointer), pages.offset(pointer), context.other);
              return context.other.copy();
            });
      }
      from = to;
    }
  }

  @Override
  void inserted(int number) {
    BTree grown = insertedTree;
    if (grown == null && number >= LINEAR_MAX) {
      insertedTree = treeOfInserted();
      return;
    }
    long prefix = prefixOf(overlay.bytes(number), overlay.offset(number));
    if (grown != null) {
      grown.insert(prefix, context.key, number);
      return;
    }
    if (number >= insertedPrefixes.length) {
      insertedPrefixes = Arrays.copyOf(insertedPrefixes, Math.max(4, 2 * number));
    }
    insertedPrefixes[number] = prefix;
  }

  @Override
  void adopt() {
    if (overlay.rowCount() > LINEAR_MAX) {
      insertedTree = treeOfInserted();
    } else {
      for (int number = 0; number < overlay.rowCount(); number++) {
        inserted(number);
      }
    }
  }

  private BTree treeOfInserted() {
    BTree all = new BTree(exact ? null : new InsertedKeys());
    for (int i = 0; i < overlay.rowCount(); i++) {
      if (overlay.isLive(i)) {
        all.insert(prefixOf(overlay.bytes(i), overlay.offset(i)), context.key, i);
      }
    }
    return all;
  }

  @Override
  void takingBack(int number) {
    BTree grown = insertedTree;
    if (grown != null) {
      grown.remove(prefixOf(overlay.bytes(number), overlay.offset(number)), context.key, number);
    }
  }

  @Override
  void reset() {
    insertedTree = null;
  }

  @Override
  void validateKey(byte[] key, int offset, int length) {
    encoding.validatePoint(key, offset, length);
  }

  @Override
  RowCursor openPoint(byte[] key, int offset, int length, boolean withInserted) {
    if (unique) {
      return openUnique(key, offset, withInserted);
    }
    encoding.encodePoint(key, offset, context.low);
    encoding.encodePoint(key, offset, context.high);
    context.high.after = true;
    return open(withInserted);
  }

  /** Rows within a range; throws a DecodeException if it does not fit the key. */
  RowCursor openRange(IndexRange range, boolean withInserted) {
    encoding.encodeRange(range, context.low, context.high);
    return open(withInserted);
  }

  /** Rows between the two positions in the context. */
  private RowCursor open(boolean withInserted) {
    KeyBuffer low = context.low;
    KeyBuffer high = context.high;
    if (isEmpty(low, high)) {
      return EmptyCursor.EMPTY;
    }
    int[] matches = NO_ROWS;
    if (withInserted && overlay.isTouched()) {
      matches = insertedBetween(low, high);
      overlay.openCursor();
    }
    locate(tree, high);
    TreeNode endLeaf = tree.foundLeaf;
    int endIndex = tree.foundIndex;
    locate(tree, low);
    return new IndexCursor(
        pages,
        withInserted ? overlay : null,
        matches,
        tree.foundLeaf,
        tree.foundIndex,
        endLeaf,
        endIndex);
  }

  private void locate(BTree in, KeyBuffer position) {
    in.locate(position.prefix(), position, position.after ? Integer.MAX_VALUE : -1);
  }

  /** Whether nothing can lie between two positions. */
  private static boolean isEmpty(KeyBuffer low, KeyBuffer high) {
    int common = Math.min(low.length, high.length);
    int order = Arrays.compareUnsigned(low.bytes, 0, common, high.bytes, 0, common);
    if (order != 0) {
      return order > 0;
    }
    if (low.length < high.length) {
      return low.after;
    }
    return low.length == high.length ? low.after || !high.after : !high.after;
  }

  /** The live inserted rows between two positions, in the order of keys. */
  private int[] insertedBetween(KeyBuffer low, KeyBuffer high) {
    BTree grown = insertedTree;
    return grown == null ? listedBetween(low, high) : treeBetween(grown, low, high);
  }

  private int[] treeBetween(BTree grown, KeyBuffer low, KeyBuffer high) {
    locate(grown, high);
    TreeNode endLeaf = grown.foundLeaf;
    int endIndex = grown.foundIndex;
    locate(grown, low);
    TreeNode leaf = grown.foundLeaf;
    int at = grown.foundIndex;
    int[] matches = NO_ROWS;
    int count = 0;
    while (leaf != null && !(leaf == endLeaf && at == endIndex)) {
      if (at == leaf.count) {
        leaf = leaf.next;
        at = 0;
        continue;
      }
      if (count == matches.length) {
        int capacity = Math.max(4, 2 * count);
        overlay.charge(4L * capacity);
        matches = Arrays.copyOf(matches, capacity);
      }
      matches[count++] = leaf.pointers[at++];
    }
    return Arrays.copyOf(matches, count);
  }

  private int[] listedBetween(KeyBuffer low, KeyBuffer high) {
    int[] matches = NO_ROWS;
    int count = 0;
    for (int i = 0; i < overlay.rowCount(); i++) {
      if (!overlay.isLive(i)) {
        continue;
      }
      KeyBuffer key = context.key;
      encoding.encodeRow(overlay.bytes(i), overlay.offset(i), key);
      int fromLow = low.compareFrom(key.bytes, key.length);
      int fromHigh = high.compareFrom(key.bytes, key.length);
      if (fromLow < 0
          || (fromLow == 0 && low.after)
          || fromHigh > 0
          || (fromHigh == 0 && !high.after)) {
        continue;
      }
      if (count == 0) {
        matches = new int[LINEAR_MAX];
      }
      int at = count++;
      while (at > 0 && isKeyBefore(matches[at - 1])) {
        matches[at] = matches[at - 1];
        at--;
      }
      matches[at] = i;
    }
    return count == 0 ? NO_ROWS : Arrays.copyOf(matches, count);
  }

  /** Whether the key in the context is before that of an inserted row. */
  private boolean isKeyBefore(int number) {
    return encoding.compareRow(
            overlay.bytes(number), overlay.offset(number), context.key, context.other)
        > 0;
  }

  @Override
  long heapBytes() {
    return 96 + tree.heapBytes();
  }
}
