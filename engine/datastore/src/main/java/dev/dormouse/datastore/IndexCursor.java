package dev.dormouse.datastore;

import org.jspecify.annotations.Nullable;

/** A scan of a tree: the inserted rows found when it was opened, then committed ones. */
final class IndexCursor implements RowCursor {
  private final RowPages pages;
  private final @Nullable TableOverlay overlay;
  private final int[] matches;
  private final int sequence;
  private int match;
  private @Nullable TreeNode leaf;
  private int index;
  private final @Nullable TreeNode endLeaf;
  private final int endIndex;
  private int pointer;

  IndexCursor(
      RowPages pages,
      @Nullable TableOverlay overlay,
      int[] matches,
      @Nullable TreeNode leaf,
      int index,
      @Nullable TreeNode endLeaf,
      int endIndex) {
    this.pages = pages;
    this.overlay = overlay;
    this.matches = matches;
    this.sequence = overlay == null ? 0 : overlay.sequence();
    this.leaf = leaf;
    this.index = index;
    this.endLeaf = endLeaf;
    this.endIndex = endIndex;
  }

  @Override
  public boolean next() {
    if (match < matches.length) {
      pointer = ~matches[match++];
      return true;
    }
    while (true) {
      TreeNode node = leaf;
      if (node == null || (node == endLeaf && index >= endIndex)) {
        leaf = null;
        return false;
      }
      if (index >= node.count) {
        leaf = node.next;
        index = 0;
        continue;
      }
      int candidate = node.pointers[index++];
      if (overlay == null || overlay.goneCount() == 0 || isVisible(overlay, candidate)) {
        pointer = candidate;
        return true;
      }
    }
  }

  private boolean isVisible(TableOverlay from, int candidate) {
    int deletedAt = from.deletedAt(candidate);
    return deletedAt == 0 || deletedAt > sequence;
  }

  private TableOverlay overlay() {
    TableOverlay present = overlay;
    if (present == null) {
      throw new IllegalStateException("an inserted row among committed ones");
    }
    return present;
  }

  @Override
  public byte[] buffer() {
    return pointer >= 0 ? pages.bytes(pointer) : overlay().bytes(~pointer);
  }

  @Override
  public int offset() {
    return pointer >= 0 ? pages.offset(pointer) : overlay().offset(~pointer);
  }

  @Override
  public int length() {
    return pointer >= 0 ? pages.length(pointer) : overlay().length(~pointer);
  }

  @Override
  public int rowPointer() {
    return pointer;
  }
}
