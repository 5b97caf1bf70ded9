package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.module.IndexAlgorithm;
import java.util.List;

/** The committed rows of a table with their indexes and sequences. */
final class Table {
  final TableSchema schema;
  final RowPages pages;
  final TableOverlay overlay;

  /** Ascending by id; the index by whole rows, where there is one, is last. */
  final Index[] indexes;

  /** The unique ones among the indexes; at least one. */
  final Index[] unique;

  /** Ascending by column. */
  final SequenceState[] sequences;

  long rowCount;

  /** Bytes of all rows. */
  long liveBytes;

  Table(TableSchema schema, StoreContext context) {
    this.schema = schema;
    this.pages = new RowPages(context.clock, schema.shape().fixedSize().orElse(-1));
    this.overlay = new TableOverlay(context);
    List<IndexSchema> schemas = schema.indexes();
    boolean anyUnique = schemas.stream().anyMatch(IndexSchema::unique);
    indexes = new Index[anyUnique ? schemas.size() : schemas.size() + 1];
    for (int i = 0; i < schemas.size(); i++) {
      indexes[i] = newIndex(schema, schemas.get(i), context, pages, overlay);
    }
    if (!anyUnique) {
      indexes[schemas.size()] = new HashIndex(context, pages, overlay);
    }
    unique = uniqueOf(indexes);
    sequences = new SequenceState[schema.sequences().size()];
    for (int i = 0; i < sequences.length; i++) {
      SequenceSchema sequence = schema.sequences().get(i);
      sequences[i] =
          new SequenceState(sequence, overlay, schema.shape().columnWidth(sequence.column()), 0, 1);
    }
    overlay.attach(this);
  }

  static Index newIndex(
      TableSchema table,
      IndexSchema index,
      StoreContext context,
      RowPages pages,
      TableOverlay overlay) {
    KeyEncoding encoding = table.keyEncoding(index);
    return index.algorithm() instanceof IndexAlgorithm.Hash && index.unique()
        ? new HashIndex(index, encoding, context, pages, overlay)
        : new TreeIndex(index, encoding, context, pages, overlay);
  }

  private static Index[] uniqueOf(Index[] indexes) {
    int count = 0;
    for (Index index : indexes) {
      count += index.unique ? 1 : 0;
    }
    Index[] unique = new Index[count];
    int at = 0;
    for (Index index : indexes) {
      if (index.unique) {
        unique[at++] = index;
      }
    }
    return unique;
  }

  /** Pointer of a committed row with exactly these bytes, or -1. */
  int findRow(byte[] row, int offset, int length) {
    int pointer = unique[0].find(row, offset, length);
    return pointer >= 0 && pages.equal(pointer, row, offset, length) ? pointer : -1;
  }

  /** Adds a row to pages and indexes. */
  void insertCommitted(byte[] row, int offset, int length) {
    int pointer = pages.reserve(length);
    pages.publish(pointer, row, offset, length);
    for (Index index : indexes) {
      index.insert(row, offset, length, pointer);
    }
    rowCount++;
    liveBytes += length;
  }

  /** Removes a row from indexes and pages. Its page is owned. */
  void removeCommitted(int pointer) {
    for (Index index : indexes) {
      index.remove(pointer);
    }
    rowCount--;
    liveBytes -= pages.length(pointer);
    pages.remove(pointer);
  }

  /** Pointers of all committed rows in ascending order. */
  int[] pointers() {
    int[] pointers = new int[Math.toIntExact(rowCount)];
    int count = 0;
    for (int page = 0; page < pages.pageCount(); page++) {
      long[] starts = pages.starts[page];
      for (int word = 0; word < starts.length; word++) {
        for (long bits = starts[word]; bits != 0; bits &= bits - 1) {
          pointers[count++] = page << pages.shift() | word << 6 | Long.numberOfTrailingZeros(bits);
        }
      }
    }
    return pointers;
  }

  /** Rough bytes of heap. */
  long heapBytes() {
    long bytes = 400 + pages.heapBytes();
    for (Index index : indexes) {
      bytes += index.heapBytes();
    }
    return bytes;
  }
}
