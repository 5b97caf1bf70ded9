package dev.dormouse.datastore;

import dev.dormouse.sats.DecodeException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads of a catalog's tables, with or without what the transaction has done. */
abstract sealed class StoreView implements ReadView permits Transaction, CommittedView {
  private final boolean seesTransaction;

  StoreView(boolean seesTransaction) {
    this.seesTransaction = seesTransaction;
  }

  abstract Catalog catalog();

  boolean seesTransaction() {
    return seesTransaction;
  }

  @Override
  public List<TableSchema> tables() {
    return catalog().tables().stream().map(table -> table.schema).toList();
  }

  private static Optional<TableSchema> schemaOf(@Nullable Table table) {
    return table == null ? Optional.empty() : Optional.of(table.schema);
  }

  @Override
  public Optional<TableSchema> table(int tableId) {
    return schemaOf(catalog().table(tableId));
  }

  @Override
  public Optional<TableSchema> tableByName(String canonicalName) {
    return schemaOf(catalog().tableByName(canonicalName));
  }

  @Override
  public Optional<TableSchema> tableByAccessor(String accessor) {
    return schemaOf(catalog().tableByAccessor(accessor));
  }

  @Override
  public OptionalInt tableId(String name) {
    Table table = catalog().tableByName(name);
    if (table == null) {
      table = catalog().tableByAccessor(name);
    }
    return table == null ? OptionalInt.empty() : OptionalInt.of(table.schema.id());
  }

  @Override
  public Optional<IndexSchema> index(int indexId) {
    Index index = catalog().index(indexId);
    return index == null ? Optional.empty() : Optional.ofNullable(index.schema);
  }

  @Override
  public OptionalInt indexId(String name) {
    IndexSchema index = catalog().indexByName(name);
    if (index == null) {
      index = catalog().indexByAlias(name);
    }
    return index == null ? OptionalInt.empty() : OptionalInt.of(index.id());
  }

  @Override
  public OptionalLong rowCount(int tableId) {
    Table table = catalog().table(tableId);
    return table == null ? OptionalLong.empty() : OptionalLong.of(rowCount(table));
  }

  private long rowCount(Table table) {
    return seesTransaction
        ? table.rowCount - table.overlay.goneCount() + table.overlay.liveCount()
        : table.rowCount;
  }

  @Override
  public Scan scan(int tableId) {
    Table table = catalog().table(tableId);
    return table == null ? Scan.Refused.NO_SUCH_TABLE : shown(tableId, scan(table));
  }

  RowCursor scan(Table table) {
    boolean overlaid = seesTransaction && table.overlay.isTouched();
    if (overlaid) {
      table.overlay.openCursor();
    }
    return new ScanCursor(table.pages, seesTransaction ? table.overlay : null);
  }

  private RowCursor shown(int tableId, RowCursor stored) {
    return tableId == SystemTables.ST_SEQUENCE ? new SequenceRowCursor(this, stored) : stored;
  }

  @Override
  public Scan point(int indexId, byte[] key, int offset, int length) {
    Index index = catalog().index(indexId);
    if (index == null) {
      return Scan.Refused.NO_SUCH_INDEX;
    }
    try {
      index.validateKey(key, offset, length);
    } catch (DecodeException e) {
      return Scan.Refused.BSATN_DECODE_ERROR;
    }
    return shown(index.overlay.tableId(), index.openPoint(key, offset, length, seesTransaction));
  }

  @Override
  public Scan range(int indexId, IndexRange range) {
    Index index = catalog().index(indexId);
    if (index == null || index.schema == null) {
      return Scan.Refused.NO_SUCH_INDEX;
    }
    if (!index.schema.isOrdered() || !(index instanceof TreeIndex tree)) {
      return Scan.Refused.WRONG_INDEX_ALGORITHM;
    }
    RowCursor cursor;
    try {
      cursor = tree.openRange(range, seesTransaction);
    } catch (DecodeException e) {
      return Scan.Refused.BSATN_DECODE_ERROR;
    }
    return shown(index.overlay.tableId(), cursor);
  }

  @Override
  public long findUnique(int indexId, byte[] key, int offset, int length, RowSlice row) {
    Index index = catalog().index(indexId);
    if (index == null) {
      return NO_INDEX;
    }
    if (!index.unique) {
      return NOT_UNIQUE;
    }
    index.validateKey(key, offset, length);
    TableOverlay overlay = index.overlay;
    if (seesTransaction && overlay.rowCount() > 0) {
      int number = index.findKeyInserted(key, offset);
      if (number >= 0) {
        fill(overlay.table(), ~number, row);
        return ~number;
      }
    }
    int pointer = index.findKey(key, offset);
    if (pointer < 0
        || (seesTransaction && overlay.goneCount() > 0 && overlay.deletedAt(pointer) != 0)) {
      return NO_ROW;
    }
    fill(overlay.table(), pointer, row);
    return pointer;
  }

  @Override
  public long findRow(int tableId, byte[] row, int offset, int length) {
    Table table = catalog().table(tableId);
    if (table == null) {
      return NO_ROW;
    }
    int end = table.schema.shape().validate(row, offset, offset + length);
    if (seesTransaction) {
      return table.overlay.findRow(row, offset, end - offset);
    }
    int pointer = table.findRow(row, offset, end - offset);
    return pointer < 0 ? NO_ROW : pointer;
  }

  @Override
  public void locate(int tableId, int rowPointer, RowSlice row) {
    Table table = catalog().table(tableId);
    if (table == null) {
      throw new IllegalStateException("no table " + tableId);
    }
    fill(table, rowPointer, row);
  }

  private void fill(Table table, int pointer, RowSlice row) {
    if (pointer >= 0) {
      RowPages pages = table.pages;
      row.set(pages.bytes(pointer), pages.offset(pointer), pages.length(pointer));
    } else {
      TableOverlay overlay = table.overlay;
      row.set(overlay.bytes(~pointer), overlay.offset(~pointer), overlay.length(~pointer));
    }
    if (table.isSequenceTable) {
      byte[] shown = SequenceRowCursor.withPosition(this, row.buffer(), row.offset(), row.length());
      row.set(shown, 0, shown.length);
    }
  }
}
