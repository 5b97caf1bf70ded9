package dev.dormouse.datastore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A unique index by the keyed hash of some columns, or of whole rows where a table has no other.
 */
final class HashIndex extends Index {
  private static final int[] NO_INTS = {};

  /** Null where the key is the row. */
  private final @Nullable KeyEncoding encoding;

  private final PointerHash committed = new PointerHash();
  private int[] insertedTags = NO_INTS;
  private @Nullable PointerHash insertedHash;

  /** The key looked for: an array of its own or a row, and a range of it. */
  private byte[] wanted = {};

  private int wantedOffset;
  private int wantedLength;

  HashIndex(
      IndexSchema schema,
      KeyEncoding encoding,
      StoreContext context,
      RowPages pages,
      TableOverlay overlay) {
    super(schema, true, context, pages, overlay);
    this.encoding = encoding;
  }

  /** An index by whole rows. */
  HashIndex(StoreContext context, RowPages pages, TableOverlay overlay) {
    super(null, true, context, pages, overlay);
    this.encoding = null;
  }

  /** Takes the key of a row as the wanted one and returns its tag. */
  private int want(byte[] row, int offset, int length) {
    if (encoding == null) {
      wanted = row;
      wantedOffset = offset;
      wantedLength = length;
    } else {
      encoding.encodeRow(row, offset, context.key);
      wantKey();
    }
    return context.hash.tag(wanted, wantedOffset, wantedLength);
  }

  private void wantKey() {
    wanted = context.key.bytes;
    wantedOffset = 0;
    wantedLength = context.key.length;
  }

  private boolean hasKey(byte[] row, int offset, int length) {
    if (encoding == null) {
      return Arrays.equals(
          row, offset, offset + length, wanted, wantedOffset, wantedOffset + wantedLength);
    }
    KeyBuffer other = context.other;
    encoding.encodeRow(row, offset, other);
    return Arrays.equals(
        other.bytes, 0, other.length, wanted, wantedOffset, wantedOffset + wantedLength);
  }

  private boolean committedHasKey(int pointer) {
    return hasKey(pages.bytes(pointer), pages.offset(pointer), pages.length(pointer));
  }

  private boolean insertedHasKey(int number) {
    return hasKey(overlay.bytes(number), overlay.offset(number), overlay.length(number));
  }

  private final PointerHash.Match committedMatch = this::committedHasKey;
  private final PointerHash.Match insertedMatch = this::insertedHasKey;

  private int findTag(int tag) {
    return committed.find(tag, committedMatch);
  }

  private int findTagInserted(int tag) {
    PointerHash grown = insertedHash;
    if (grown != null) {
      return grown.find(tag, insertedMatch);
    }
    for (int i = overlay.rowCount() - 1; i >= 0; i--) {
      if (insertedTags[i] == tag && overlay.isLive(i) && insertedHasKey(i)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  int find(byte[] row, int offset, int length) {
    return findTag(want(row, offset, length));
  }

  @Override
  int findInserted(byte[] row, int offset, int length) {
    return overlay.rowCount() == 0 ? -1 : findTagInserted(want(row, offset, length));
  }

  private int wantPoint(byte[] key, int offset) {
    if (encoding == null) {
      throw new IllegalStateException("the index by whole rows has no keys");
    }
    encoding.encodePoint(key, offset, context.key);
    wantKey();
    return context.hash.tag(wanted, wantedOffset, wantedLength);
  }

  @Override
  int findKey(byte[] key, int offset) {
    return findTag(wantPoint(key, offset));
  }

  @Override
  int findKeyInserted(byte[] key, int offset) {
    return overlay.rowCount() == 0 ? -1 : findTagInserted(wantPoint(key, offset));
  }

  @Override
  boolean sameKey(byte[] row1, int offset1, int length1, byte[] row2, int offset2, int length2) {
    if (encoding == null) {
      return Arrays.equals(row1, offset1, offset1 + length1, row2, offset2, offset2 + length2);
    }
    encoding.encodeRow(row1, offset1, context.key);
    encoding.encodeRow(row2, offset2, context.other);
    return context.key.compareFrom(context.other.bytes, context.other.length) == 0;
  }

  @Override
  void insert(byte[] row, int offset, int length, int pointer) {
    committed.insert(want(row, offset, length), pointer);
  }

  @Override
  void remove(int pointer) {
    committed.remove(
        want(pages.bytes(pointer), pages.offset(pointer), pages.length(pointer)), pointer);
  }

  @Override
  boolean build(int[] pointers) {
    boolean distinct = true;
    for (int pointer : pointers) {
      int tag = want(pages.bytes(pointer), pages.offset(pointer), pages.length(pointer));
      distinct &= findTag(tag) < 0;
      committed.insert(tag, pointer);
    }
    return distinct;
  }

  @Override
  void inserted(int number) {
    PointerHash grown = insertedHash;
    if (grown == null && number >= LINEAR_MAX) {
      insertedHash = hashOfInserted();
      return;
    }
    int tag = want(overlay.bytes(number), overlay.offset(number), overlay.length(number));
    if (grown != null) {
      grown.insert(tag, number);
      return;
    }
    if (number >= insertedTags.length) {
      insertedTags = Arrays.copyOf(insertedTags, Math.max(4, 2 * number));
    }
    insertedTags[number] = tag;
  }

  @Override
  void adopt() {
    if (overlay.rowCount() > LINEAR_MAX) {
      insertedHash = hashOfInserted();
    } else {
      for (int number = 0; number < overlay.rowCount(); number++) {
        inserted(number);
      }
    }
  }

  private PointerHash hashOfInserted() {
    PointerHash all = new PointerHash();
    for (int i = 0; i < overlay.rowCount(); i++) {
      if (overlay.isLive(i)) {
        all.insert(want(overlay.bytes(i), overlay.offset(i), overlay.length(i)), i);
      }
    }
    return all;
  }

  @Override
  void takingBack(int number) {
    PointerHash grown = insertedHash;
    if (grown != null) {
      grown.remove(
          want(overlay.bytes(number), overlay.offset(number), overlay.length(number)), number);
    }
  }

  @Override
  void reset() {
    insertedHash = null;
  }

  @Override
  void validateKey(byte[] key, int offset, int length) {
    if (encoding == null) {
      throw new IllegalStateException("the index by whole rows has no keys");
    }
    encoding.validatePoint(key, offset, length);
  }

  @Override
  RowCursor openPoint(byte[] key, int offset, int length, boolean withInserted) {
    return openUnique(key, offset, withInserted);
  }

  @Override
  long heapBytes() {
    return 96 + committed.heapBytes();
  }
}
