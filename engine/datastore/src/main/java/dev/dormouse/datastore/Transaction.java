package dev.dormouse.datastore;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.TableDef;
import dev.dormouse.sats.module.ViewDef;

/**
 * The one write transaction of a store: reads see its own writes, {@link #merge} makes them
 * committed, {@link #rollback} forgets them.
 *
 * <p>Used by the lane only. A store has one object for all its transactions; after the end of one
 * it must not be used before {@link Datastore#begin} hands it out again. An operation that throws
 * anything but a DecodeException leaves only {@link #rollback} to do. Source: spec host-semantics
 * §5, module-abi §5.4.
 */
public final class Transaction extends StoreView {
  /** The life of a transaction: each state's successors are named at it. */
  private enum State {
    /** Not begun; then OPEN. */
    IDLE,
    /** Reads and writes; then PREPARED by prepare, or IDLE by rollback. */
    OPEN,
    /** Reads only, every row has its place; then IDLE by rollback or MERGING. */
    PREPARED,
    /** Writes to the committed state; then IDLE, or for ever this if it does not end. */
    MERGING
  }

  private final Datastore store;
  private final Overlay overlay;
  private final TxChanges changes;
  private Catalog catalog;
  private State state = State.IDLE;
  private long affected;

  Transaction(Datastore store, Overlay overlay, Catalog catalog) {
    super(true);
    this.store = store;
    this.overlay = overlay;
    this.changes = new TxChanges(overlay);
    this.catalog = catalog;
  }

  void begin(Catalog committed) {
    if (state != State.IDLE) {
      throw new IllegalStateException("a transaction is " + state);
    }
    if (catalog != committed) {
      catalog = committed;
    }
    state = State.OPEN;
  }

  /** Whether it has ended, or not begun. */
  public boolean isIdle() {
    return state == State.IDLE;
  }

  @Override
  Catalog catalog() {
    return catalog;
  }

  private void requireOpen() {
    if (state != State.OPEN) {
      throw new IllegalStateException("transaction is " + state);
    }
  }

  /**
   * Inserts a row. Sequence columns that hold 0 are filled; see {@link #generated}.
   *
   * @return DONE, UNCHANGED, UNIQUE_ALREADY_EXISTS or NO_SUCH_TABLE
   * @throws DecodeException if the bytes are no row; bytes behind the row are ignored
   */
  public Outcome insert(int tableId, byte[] row, int offset, int length) {
    requireOpen();
    Table table = catalog.table(tableId);
    return table == null ? Outcome.NO_SUCH_TABLE : table.overlay.insert(row, offset, length);
  }

  /**
   * Replaces the row with the same key of a unique index of the table, as {@link #insert}.
   *
   * @return DONE, UNCHANGED, NO_SUCH_TABLE, NO_SUCH_INDEX, INDEX_NOT_UNIQUE, NO_SUCH_ROW or
   *     UNIQUE_ALREADY_EXISTS
   * @throws DecodeException if the bytes are no row; bytes behind the row are ignored
   */
  public Outcome update(int tableId, int indexId, byte[] row, int offset, int length) {
    requireOpen();
    Table table = catalog.table(tableId);
    if (table == null) {
      return Outcome.NO_SUCH_TABLE;
    }
    Index index = catalog.index(indexId);
    if (index == null || index.overlay != table.overlay) {
      return Outcome.NO_SUCH_INDEX;
    }
    return table.overlay.update(index, row, offset, length);
  }

  /** Pointer of the row that the last successful insert or update left in place. */
  public int lastRow() {
    return overlay.lastRow;
  }

  /**
   * The values that the last insert or update drew from sequences: BSATN in column order, in the
   * first {@link #generatedLength} bytes. Source: spec module-abi §5.4.
   */
  public byte[] generated() {
    return overlay.generated.array();
  }

  /** Bytes of {@link #generated}. */
  public int generatedLength() {
    return overlay.generated.size();
  }

  /** Rows removed by the last delete or clear. */
  public long affected() {
    return affected;
  }

  /** Deletes a row by its pointer; false if it is gone already. */
  public boolean delete(int tableId, int rowPointer) {
    requireOpen();
    Table table = catalog.table(tableId);
    return table != null && table.overlay.delete(rowPointer);
  }

  /** Deletes the rows with a key, see {@link ReadView#point}; {@link #affected} counts them. */
  public Outcome deletePoint(int indexId, byte[] key, int offset, int length) {
    return deleteScanned(indexId, point(indexId, key, offset, length));
  }

  /** Deletes the rows with keys in a range, see {@link ReadView#range}. */
  public Outcome deleteRange(int indexId, IndexRange range) {
    return deleteScanned(indexId, range(indexId, range));
  }

  private Outcome deleteScanned(int indexId, Scan scan) {
    requireOpen();
    affected = 0;
    return switch (scan) {
      case Scan.Refused refused -> refused.outcome();
      case RowCursor cursor -> {
        Index index = catalog.index(indexId);
        if (index == null) {
          throw new IllegalStateException("index " + indexId + " has vanished");
        }
        deleteAll(index.overlay, cursor);
        yield Outcome.DONE;
      }
    };
  }

  private void deleteAll(TableOverlay from, RowCursor cursor) {
    while (cursor.next()) {
      if (from.delete(cursor.rowPointer())) {
        affected++;
      }
    }
  }

  /** Deletes every row of a table. */
  public Outcome clear(int tableId) {
    requireOpen();
    affected = 0;
    Table table = catalog.table(tableId);
    if (table == null) {
      return Outcome.NO_SUCH_TABLE;
    }
    deleteAll(table.overlay, scan(table));
    return Outcome.DONE;
  }

  /**
   * Deletes the rows that equal one of some given ones.
   *
   * @param rows BSATN of an array of rows; bytes behind it are ignored
   */
  public Outcome deleteAllByEqual(int tableId, byte[] rows, int offset, int length) {
    requireOpen();
    affected = 0;
    Table table = catalog.table(tableId);
    if (table == null) {
      return Outcome.NO_SUCH_TABLE;
    }
    if (length < 4) {
      return Outcome.BSATN_DECODE_ERROR;
    }
    int count = Words.littleInt(rows, offset);
    int limit = offset + length;
    try {
      int at = offset + 4;
      for (int i = 0; i != count; i++) {
        int end = table.schema.shape().validate(rows, at, limit);
        if (end == at && Integer.compareUnsigned(count, 1) > 0) {
          // Rows without bytes are all equal, and a hostile count must not be counted to.
          break;
        }
        at = end;
      }
    } catch (DecodeException e) {
      return Outcome.BSATN_DECODE_ERROR;
    }
    int at = offset + 4;
    for (int i = 0; i != count; i++) {
      int end = table.schema.shape().rowEnd(rows, at);
      long pointer = table.overlay.findRow(rows, at, end - at);
      if (pointer != NO_ROW && table.overlay.delete((int) pointer)) {
        affected++;
      }
      if (end == at) {
        break;
      }
      at = end;
    }
    return Outcome.DONE;
  }

  /** Draws the next value of a sequence of the system, such as the next table id. */
  int drawId(int sequenceId) {
    SequenceState sequence = catalog.sequence(sequenceId);
    if (sequence == null) {
      throw new IllegalStateException("no sequence " + sequenceId);
    }
    byte[] id = new byte[16];
    sequence.draw(id, 0);
    int value = Words.littleInt(id, 0);
    if (value < 0) {
      throw EngineException.tenant(
          "id %s of sequence %s, limit %d"
              .formatted(
                  Integer.toUnsignedString(value), sequence.schema.name(), Integer.MAX_VALUE));
    }
    return value;
  }

  /**
   * Creates a table, with the rows that describe it.
   *
   * @return the id
   * @throws EngineException if a limit is reached or a name is taken
   */
  public int createTable(TableDef definition) {
    requireOpen();
    return new SchemaChange(this, store.context()).create(definition);
  }

  /**
   * Makes a table what a definition of the same columns says, keeping its id and rows: indexes,
   * constraints, sequences, schedule, access, primary key, names in the source, and types whose
   * values are encoded as before. An event table may get other columns.
   *
   * @throws EngineException if rows stand against a unique index or a sequence, or a limit is
   *     reached
   */
  public void alterTable(int tableId, TableDef definition) {
    requireOpen();
    new SchemaChange(this, store.context()).alter(tableId, definition);
  }

  /**
   * Replaces a table by one with more columns at the end; their defaults fill the rows that are
   * there, and sequences go on where they stand.
   *
   * @return the new id
   */
  public int addColumns(int tableId, TableDef definition) {
    requireOpen();
    return new SchemaChange(this, store.context()).addColumns(tableId, definition);
  }

  /** Drops a table with all its rows. */
  public void dropTable(int tableId) {
    requireOpen();
    new SchemaChange(this, store.context()).drop(tableId);
  }

  /**
   * Creates the description of a view and the table that holds its rows.
   *
   * @param typespace the types that the definition's references point to
   * @return the view's id in the system tables
   */
  public int createView(ViewDef definition, Typespace typespace) {
    requireOpen();
    return new SchemaChange(this, store.context()).createView(definition, typespace);
  }

  /** Drops the description of a view and its table. */
  public void dropView(int viewId) {
    requireOpen();
    new SchemaChange(this, store.context()).dropView(viewId);
  }

  /** The catalog with this transaction's own tables, to be changed. */
  Catalog ownCatalog() {
    if (catalog == store.catalog()) {
      catalog = catalog.copy();
    }
    return catalog;
  }

  /** What has been done so far, net; cursors opened before must not be used any more. */
  public TxChanges changes() {
    if (state == State.OPEN) {
      changes.compute();
    } else if (state != State.PREPARED) {
      throw new IllegalStateException("transaction is " + state);
    }
    return changes;
  }

  /**
   * Finds a place for everything; then {@link #merge} cannot fail. Only reads may follow.
   *
   * @throws EngineException if the store would hold more than its limit
   */
  public void prepare() {
    requireOpen();
    if (overlay.writing) {
      throw new IllegalStateException("a write of the transaction did not end");
    }
    changes.compute();
    store.checkGrowth(changes.liveBytesGrowth(), overlay.charged());
    state = State.PREPARED;
    for (int i = 0; i < overlay.touchedCount; i++) {
      TableOverlay touched = overlay.touched[i];
      if (!touched.isDropped()) {
        Merge.prepare(touched.table(), touched);
      }
    }
  }

  /** Makes all changes committed and ends the transaction; prepares it if that was not done. */
  public void merge() {
    if (state == State.OPEN) {
      prepare();
    }
    if (state != State.PREPARED) {
      throw new IllegalStateException("transaction is " + state);
    }
    store.merging(changes.liveBytesGrowth());
    state = State.MERGING;
    for (int i = 0; i < overlay.touchedCount; i++) {
      TableOverlay touched = overlay.touched[i];
      if (!touched.isDropped()) {
        Merge.merge(touched.table(), touched);
      }
    }
    boolean schemaChanged = catalog != store.catalog();
    if (schemaChanged) {
      store.merged(catalog);
    } else {
      store.merged();
    }
    long written = overlay.charged();
    end(schemaChanged);
    store.written(written);
  }

  /** Forgets everything and ends the transaction. No trace is left. */
  public void rollback() {
    if (state == State.IDLE || state == State.MERGING) {
      throw new IllegalStateException("transaction is " + state);
    }
    if (state == State.PREPARED) {
      for (int i = 0; i < overlay.touchedCount; i++) {
        TableOverlay touched = overlay.touched[i];
        if (!touched.isDropped()) {
          Merge.unprepare(touched.table(), touched);
        }
      }
    }
    boolean schemaChanged = catalog != store.catalog();
    if (schemaChanged) {
      store.reattach();
      catalog = store.catalog();
    }
    end(schemaChanged);
  }

  private void end(boolean schemaChanged) {
    overlay.reset(schemaChanged);
    changes.reset(schemaChanged);
    state = State.IDLE;
  }
}
