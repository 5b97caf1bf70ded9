package dev.dormouse.datastore;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.List;

/**
 * The data of one awake database: its committed state, and one write transaction at a time.
 *
 * <p>Used by one thread at a time, the lane; only captures may be read by others. Source: design
 * §4.
 */
public final class Datastore {
  private final DatastoreOptions options;
  private final StoreContext context;
  private final CommittedView committed;
  private final Transaction transaction;
  private final StoreMemory memory;
  private Catalog catalog = new Catalog();
  private final List<Capture> captures = new ArrayList<>();
  private long liveBytes;

  /** Whether a merge or a replay has begun and not ended: the state may be torn. */
  private boolean torn;

  private Datastore(DatastoreOptions options) {
    this.options = options;
    this.memory = new StoreMemory(options.memory().open());
    this.context =
        new StoreContext(
            options,
            (bytes, system) -> {
              if (system) {
                memory.addCopy(bytes);
              } else {
                memory.coverCopy(bytes);
              }
            });
    this.committed = new CommittedView(this);
    for (TableSchema schema : SystemTables.ALL) {
      catalog.add(new Table(schema, context));
    }
    this.transaction = new Transaction(this, context.overlay, catalog);
  }

  /** A new database: the system tables, which describe themselves. */
  public static Datastore bootstrap(DatastoreOptions options) {
    Datastore store = new Datastore(options);
    SystemRows rows =
        new SystemRows(
            (tableId, row) -> {
              Table table = store.require(tableId);
              table.insertCommitted(row.array(), 0, row.size());
              store.grown(row.size());
            });
    for (TableSchema schema : SystemTables.ALL) {
      rows.describe(schema, false);
    }
    for (TableSchema schema : SystemTables.ALL) {
      for (SequenceState sequence : store.require(schema.id()).sequences) {
        sequence.restore(0, SystemTables.FIRST_USER_ID);
      }
    }
    return store;
  }

  /** Whose data this is, and within which limits. */
  public DatastoreOptions options() {
    return options;
  }

  Catalog catalog() {
    return catalog;
  }

  StoreContext context() {
    return context;
  }

  private Table require(int tableId) {
    Table table = catalog.table(tableId);
    if (table == null) {
      throw new IllegalStateException("no table " + tableId);
    }
    return table;
  }

  private void requireWhole() {
    if (torn) {
      throw new IllegalStateException("a merge or replay did not end; the store must be reloaded");
    }
  }

  /**
   * Begins to fill a new store from a snapshot.
   *
   * @param rowBytes of all rows that will come
   * @throws EngineException RETRY if the node has not so much memory
   */
  public static Restore restore(DatastoreOptions options, long rowBytes) {
    Datastore store = new Datastore(options);
    boolean covered = false;
    try {
      store.memory.coverRows(rowBytes);
      covered = true;
    } finally {
      if (!covered) {
        store.close();
      }
    }
    store.replaying();
    return new Restore(store);
  }

  /**
   * Gives its memory back to the node, or leaves that to the last open capture. Neither it nor its
   * transaction may be used any more. More than once is as once.
   */
  public void close() {
    context.overlay.close();
    memory.close();
  }

  /**
   * Captures the committed state; no transaction is open. The capture may be read by another thread
   * and must be closed.
   */
  public Capture capture() {
    requireWhole();
    if (!transaction.isIdle()) {
      throw new IllegalStateException("capture during a transaction");
    }
    Capture capture = new Capture(context.clock.capture(), catalog.tables(), memory.share());
    captures.add(capture);
    return capture;
  }

  /** Stops protecting the pages of closed captures. */
  private void releaseCaptures() {
    int before = captures.size();
    if (before == 0) {
      return;
    }
    captures.removeIf(Capture::isClosed);
    if (captures.size() != before) {
      context.clock.protectThrough(captures.stream().mapToInt(Capture::generation).max().orElse(0));
      if (captures.isEmpty()) {
        memory.copiesGone(heapBytes());
      }
    }
  }

  /** Begins the next transaction; the one before must have ended. */
  public Transaction begin() {
    requireWhole();
    releaseCaptures();
    transaction.begin(catalog);
    return transaction;
  }

  /** The committed state; while a transaction is open, the state before it. */
  public ReadView committed() {
    requireWhole();
    return committed;
  }

  /**
   * Begins to apply one record of the log. No transaction is open, and {@link Replay#end} must
   * follow.
   */
  public Replay replay() {
    requireWhole();
    releaseCaptures();
    if (!transaction.isIdle()) {
      throw new IllegalStateException("replay during a transaction");
    }
    return new Replay(this);
  }

  /**
   * Refuses a transaction that adds more than there is room for; one that only frees may pass.
   *
   * @param written bytes that its overlay was charged
   */
  void checkGrowth(long growth, long written) {
    if (growth <= 0) {
      memory.noGrowth();
      return;
    }
    if (liveBytes + growth > options.limits().liveBytesMax()) {
      throw EngineException.tenant(
          "database would hold rows of %d bytes, limit %d bytes"
              .formatted(liveBytes + growth, options.limits().liveBytesMax()));
    }
    memory.coverGrowth(written);
  }

  /** So much was committed. */
  void written(long bytes) {
    if (memory.grown(bytes)) {
      memory.counted(heapBytes());
    }
  }

  /** The store is filled as far as a table or a record goes. */
  void filled() {
    memory.coverCounted(heapBytes());
  }

  void merging(long growth) {
    torn = true;
    liveBytes += growth;
  }

  /** All is written. */
  void merged() {
    torn = false;
  }

  /** All is written, with other tables than before. */
  void merged(Catalog newCatalog) {
    catalog = newCatalog;
    torn = false;
  }

  void restoreSequence(String source, int sequenceId, long high, long low) {
    SequenceState sequence = catalog.sequence(sequenceId);
    if (sequence == null) {
      throw EngineException.operator(
          "%s moves sequence %d, there is none".formatted(source, sequenceId));
    }
    sequence.restore(high, low);
  }

  void replaying() {
    torn = true;
  }

  /** A record of so many bytes was applied. */
  void replayed(long bytes) {
    torn = false;
    if (memory.grown(bytes)) {
      filled();
    }
  }

  /** Gives every overlay its committed table back after tables were altered in vain. */
  void reattach() {
    for (Table table : catalog.tables()) {
      table.overlay.attach(table);
    }
  }

  void grown(long bytes) {
    liveBytes += bytes;
  }

  /** Makes the tables what the committed rows of the system tables say. */
  void reloadSchema() {
    List<TableSchema> wanted = SchemaReader.userTables(committed);
    Catalog next = catalog.copy();
    for (Table table : catalog.tables()) {
      int id = table.schema.id();
      if (id >= SystemTables.FIRST_USER_ID
          && wanted.stream().noneMatch(schema -> schema.id() == id)) {
        next.remove(table);
        liveBytes -= table.liveBytes;
      }
    }
    for (TableSchema schema : wanted) {
      Table present = catalog.table(schema.id());
      if (present == null) {
        Table created = new Table(schema, context);
        next.add(created);
        startSequences(created);
      } else if (!present.schema.equals(schema)) {
        next.remove(present);
        next.add(Table.altered(present, schema, context));
      }
    }
    catalog = next;
  }

  /** Sets the sequences of a new table to where their rows say. */
  private void startSequences(Table table) {
    byte[] key = new byte[4];
    for (SequenceState sequence : table.sequences) {
      Words.setLittleInt(key, 0, sequence.schema.id());
      Table rows = require(SystemTables.ST_SEQUENCE);
      int pointer = rows.unique[0].findKey(key, 0);
      int end = rows.pages.offset(pointer) + rows.pages.length(pointer);
      BsatnReader allocated =
          new BsatnReader(
              rows.pages.bytes(pointer),
              end - SystemRows.ALLOCATED_BYTES,
              SystemRows.ALLOCATED_BYTES);
      long low = allocated.readI64();
      sequence.restore(allocated.readI64(), low);
    }
  }

  /** Bytes of all committed rows. */
  public long liveBytes() {
    return liveBytes;
  }

  /** Bytes of the committed rows of a table, 0 if there is no such table. */
  public long liveBytes(int tableId) {
    Table table = catalog.table(tableId);
    return table == null ? 0 : table.liveBytes;
  }

  /** About how many bytes of heap the store takes, without captures and the open transaction. */
  public long heapBytes() {
    long bytes = 4096;
    for (Table table : catalog.tables()) {
      bytes += table.heapBytes();
    }
    return bytes;
  }
}
