package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.ColumnSchema;
import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.module.IndexAlgorithm;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

  /** Whether rows of this table have a column that is put in when they are read. */
  final boolean isSequenceTable;

  long rowCount;

  /** Bytes of all rows. */
  long liveBytes;

  /** An empty table. */
  Table(TableSchema schema, StoreContext context) {
    this(
        schema,
        context,
        new RowPages(
            context.clock,
            schema.shape().fixedSize().orElse(-1),
            schema.kind() == TableSchema.Kind.SYSTEM),
        new TableOverlay(context),
        new Index[0],
        new SequenceState[0]);
  }

  private Table(
      TableSchema schema,
      StoreContext context,
      RowPages pages,
      TableOverlay overlay,
      Index[] keptIndexes,
      SequenceState[] keptSequences) {
    this.schema = schema;
    this.pages = pages;
    this.overlay = overlay;
    this.isSequenceTable = schema.id() == SystemTables.ST_SEQUENCE;
    List<IndexSchema> schemas = schema.indexes();
    boolean anyUnique = schemas.stream().anyMatch(IndexSchema::unique);
    indexes = new Index[anyUnique ? schemas.size() : schemas.size() + 1];
    for (int i = 0; i < indexes.length; i++) {
      Optional<IndexSchema> wanted =
          i < schemas.size() ? Optional.of(schemas.get(i)) : Optional.empty();
      indexes[i] =
          Stream.of(keptIndexes)
              .filter(index -> Optional.ofNullable(index.schema).equals(wanted))
              .findFirst()
              .orElseGet(() -> newIndex(schema, wanted, context, pages, overlay));
    }
    unique = Stream.of(indexes).filter(index -> index.unique).toArray(Index[]::new);
    sequences = new SequenceState[schema.sequences().size()];
    for (int i = 0; i < sequences.length; i++) {
      SequenceSchema sequence = schema.sequences().get(i);
      sequences[i] =
          Stream.of(keptSequences)
              .filter(kept -> kept.schema.equals(sequence))
              .findFirst()
              .orElseGet(
                  () ->
                      new SequenceState(
                          sequence, overlay, schema.shape().columnWidth(sequence.column()), 0, 1));
    }
    overlay.attach(this);
  }

  /**
   * The table under another schema, with the same rows, committed and inserted. Until the
   * transaction's end both exist and share what the change leaves alone.
   */
  static Table altered(Table before, TableSchema schema, StoreContext context) {
    List<AlgebraicType> types = before.schema.columns().stream().map(ColumnSchema::type).toList();
    boolean sameTypes = schema.columns().stream().map(ColumnSchema::type).toList().equals(types);
    int fixedSize = schema.shape().fixedSize().orElse(-1);
    boolean samePages = fixedSize == before.pages.fixedSize();
    if (!samePages && before.overlay.rowCount() + before.overlay.goneCount() > 0) {
      throw new IllegalStateException(
          "table %s has been written before its columns change".formatted(schema.name()));
    }
    Table altered =
        new Table(
            schema,
            context,
            samePages
                ? before.pages
                : new RowPages(context.clock, fixedSize, schema.kind() == TableSchema.Kind.SYSTEM),
            before.overlay,
            samePages && sameTypes ? before.indexes : new Index[0],
            before.sequences);
    if (!samePages) {
      for (int pointer : before.pointers()) {
        int length = before.pages.length(pointer);
        int to = altered.pages.reserve(length);
        altered.pages.publish(
            to, before.pages.bytes(pointer), before.pages.offset(pointer), length);
      }
    }
    altered.rowCount = before.rowCount;
    altered.liveBytes = before.liveBytes;
    int[] pointers = altered.pointers();
    if (!sameTypes) {
      altered.requireRows(pointers);
    }
    for (Index index : altered.indexes) {
      if (!List.of(before.indexes).contains(index)) {
        if (!index.build(pointers)) {
          throw EngineException.tenant(
              "two rows of table %s have the same key of a new unique index"
                  .formatted(schema.name()));
        }
        index.adopt();
      }
    }
    return altered;
  }

  /** Checks that the rows are rows of this table's columns. */
  private void requireRows(int[] pointers) {
    for (int pointer : pointers) {
      int offset = pages.offset(pointer);
      int end = offset + pages.length(pointer);
      if (schema.shape().validate(pages.bytes(pointer), offset, end) != end) {
        throw EngineException.tenant(
            "table %s has rows that do not fit its new columns".formatted(schema.name()));
      }
    }
  }

  private static Index newIndex(
      TableSchema table,
      Optional<IndexSchema> schema,
      StoreContext context,
      RowPages pages,
      TableOverlay overlay) {
    if (schema.isEmpty()) {
      return new HashIndex(context, pages, overlay);
    }
    IndexSchema index = schema.get();
    KeyEncoding encoding = table.keyEncoding(index);
    return index.algorithm() instanceof IndexAlgorithm.Hash && index.unique()
        ? new HashIndex(index, encoding, context, pages, overlay)
        : new TreeIndex(index, encoding, context, pages, overlay);
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

  /** Fills the empty indexes with the rows of the pages. */
  void buildIndexes(String source) {
    int[] pointers = pointers();
    for (Index index : indexes) {
      if (!index.build(pointers)) {
        throw EngineException.operator(
            "%s has two rows of table %s with the same unique key"
                .formatted(source, schema.name()));
      }
    }
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
