package dev.dormouse.datastore;

import dev.dormouse.sats.DecodeException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A state of a database to read: a transaction's, or the committed one. Used by the lane only. */
public sealed interface ReadView permits StoreView {
  /** What a lookup returns when there is no such row; no row pointer has this value. */
  long NO_ROW = Long.MIN_VALUE;

  /** What a lookup returns when there is no such index. */
  long NO_INDEX = Long.MIN_VALUE + 5;

  /** What a lookup returns when the index is not unique. */
  long NOT_UNIQUE = Long.MIN_VALUE + 14;

  /** The tables, in ascending order of ids. */
  List<TableSchema> tables();

  /** The table with this id. */
  Optional<TableSchema> table(int tableId);

  /** The table with this canonical name. */
  Optional<TableSchema> tableByName(String canonicalName);

  /** The table with this name in the module's source. */
  Optional<TableSchema> tableByAccessor(String accessor);

  /** The table with this canonical name, else with this name in the module's source. */
  OptionalInt tableId(String name);

  /** The index with this id. */
  Optional<IndexSchema> index(int indexId);

  /** The index with this canonical name, else with this name in the module's source. */
  OptionalInt indexId(String name);

  /** How many rows a table has, if there is such a table. */
  OptionalLong rowCount(int tableId);

  /** All rows of a table: committed ones, then the transaction's. */
  Scan scan(int tableId);

  /**
   * The rows with a key: the transaction's, then committed ones.
   *
   * @param key the values of all key columns one after another as BSATN
   */
  Scan point(int indexId, byte[] key, int offset, int length);

  /**
   * The rows with keys in a range, in the order of keys: the transaction's, then committed ones.
   */
  Scan range(int indexId, IndexRange range);

  /**
   * Looks up the row with a key of a unique index, without allocating.
   *
   * @param row is set to the row if there is one
   * @return the row's pointer, or {@link #NO_ROW}, {@link #NO_INDEX}, {@link #NOT_UNIQUE}
   * @throws DecodeException if the bytes are no key
   */
  long findUnique(int indexId, byte[] key, int offset, int length, RowSlice row);

  /**
   * Finds the row that equals these bytes.
   *
   * @return its pointer, or {@link #NO_ROW}
   * @throws DecodeException if the bytes are no row
   */
  long findRow(int tableId, byte[] row, int offset, int length);

  /** Finds the bytes of a row by its pointer, which must come from this state. */
  void locate(int tableId, int rowPointer, RowSlice row);
}
