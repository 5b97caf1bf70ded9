package dev.dormouse.database;

import dev.dormouse.datastore.IndexRange;
import dev.dormouse.datastore.Outcome;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.Scan;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.modulehost.CursorSlot;
import dev.dormouse.modulehost.EnvironmentAnswer;
import dev.dormouse.modulehost.Errno;
import dev.dormouse.modulehost.GuestMemory;
import dev.dormouse.modulehost.HostCalls;
import dev.dormouse.modulehost.HostCursor;
import dev.dormouse.modulehost.HostTrap;
import dev.dormouse.modulehost.KeyRange;
import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Serves a guest's imports from the transaction that is open. Used on the lane; allocates nothing
 * for the imports of the hot path once its buffers have grown.
 *
 * <p>What the guest may not see or do although the store could: the table of environment values
 * (since-2.8 §2.5).
 */
final class GuestCalls implements HostCalls {
  /** A scratch array that grew beyond this for one large row is given up after the call. */
  private static final int SCRATCH_RETAINED_MAX = 256 << 10;

  /** Cursors kept for use again. */
  private static final int SPARE_CURSORS_MAX = 16;

  private final Session session;
  private ArrayDeque<Cursor> spareCursors = new ArrayDeque<>();
  private final IndexRange range = new IndexRange();
  private byte[] scratch = new byte[512];
  private byte[] prefixScratch = new byte[64];
  private byte[] endScratch = new byte[64];
  private @Nullable Transaction tx;
  private String function = "";
  private int logLines;

  GuestCalls(Session session) {
    this.session = session;
  }

  /** Opens the imports on a transaction, for one call of a function. */
  void enter(Transaction transaction, String name) {
    tx = transaction;
    function = name;
    logLines = 0;
  }

  /** Closes them again. */
  void leave() {
    tx = null;
    function = "";
    if (scratch.length > SCRATCH_RETAINED_MAX) {
      scratch = new byte[512];
    }
  }

  /** Gives up what a guest that was cut off may have left half-written. */
  void forget() {
    spareCursors = new ArrayDeque<>();
    scratch = new byte[512];
    tx = null;
  }

  private Transaction open() {
    Transaction present = tx;
    if (present == null) {
      throw new IllegalStateException("a data import outside a transaction");
    }
    return present;
  }

  // ---- names ----

  @Override
  public long tableIdFromName(String name) {
    OptionalInt id = open().tableId(name);
    return id.isEmpty() || id.getAsInt() == SystemTables.ST_ENV
        ? -Errno.NO_SUCH_TABLE.code()
        : id.getAsInt();
  }

  @Override
  public long indexIdFromName(String name) {
    OptionalInt id = open().indexId(name);
    return id.isEmpty() || id.getAsInt() == SystemIndexes.ENVIRONMENT
        ? -Errno.NO_SUCH_INDEX.code()
        : id.getAsInt();
  }

  // ---- reads ----

  @Override
  public long tableRowCount(int tableId) {
    return tableId == SystemTables.ST_ENV
        ? -Errno.NO_SUCH_TABLE.code()
        : open().rowCount(tableId).orElse(-Errno.NO_SUCH_TABLE.code());
  }

  @Override
  public int tableScan(int tableId, CursorSlot out) {
    return tableId == SystemTables.ST_ENV
        ? Errno.NO_SUCH_TABLE.code()
        : hand(open().scan(tableId), out);
  }

  @Override
  public int indexScanPoint(
      int indexId, GuestMemory memory, int keyPointer, int keyLength, CursorSlot out) {
    if (indexId == SystemIndexes.ENVIRONMENT) {
      return Errno.NO_SUCH_TABLE.code();
    }
    byte[] key = read(memory, keyPointer, keyLength);
    return hand(open().point(indexId, key, 0, keyLength), out);
  }

  @Override
  public int indexScanRange(int indexId, GuestMemory memory, KeyRange keys, CursorSlot out) {
    return indexId == SystemIndexes.ENVIRONMENT
        ? Errno.NO_SUCH_TABLE.code()
        : hand(open().range(indexId, read(memory, keys)), out);
  }

  private int hand(Scan scan, CursorSlot out) {
    return switch (scan) {
      case RowCursor rows -> {
        Cursor cursor = spareCursors.poll();
        out.set((cursor == null ? new Cursor() : cursor).on(rows));
        yield 0;
      }
      case Scan.Refused refused -> refused.outcome().errno();
    };
  }

  // ---- writes ----

  @Override
  public long deleteByPoint(int indexId, GuestMemory memory, int keyPointer, int keyLength) {
    if (indexId == SystemIndexes.ENVIRONMENT) {
      return -Errno.NO_SUCH_TABLE.code();
    }
    byte[] key = read(memory, keyPointer, keyLength);
    return deleted(open().deletePoint(indexId, key, 0, keyLength));
  }

  @Override
  public long deleteByRange(int indexId, GuestMemory memory, KeyRange keys) {
    return indexId == SystemIndexes.ENVIRONMENT
        ? -Errno.NO_SUCH_TABLE.code()
        : deleted(open().deleteRange(indexId, read(memory, keys)));
  }

  @Override
  public long insert(int tableId, GuestMemory memory, int rowPointer, int rowLength) {
    Transaction transaction = open();
    byte[] row = readRow(memory, rowPointer, rowLength);
    Outcome outcome;
    try {
      outcome = transaction.insert(writable(tableId), row, 0, rowLength);
    } catch (DecodeException e) {
      throw new HostTrap("insert into table %d: %s".formatted(tableId, e.text()));
    }
    return finish(outcome, tableId, transaction, memory, rowPointer);
  }

  @Override
  public long update(int tableId, int indexId, GuestMemory memory, int rowPointer, int rowLength) {
    Transaction transaction = open();
    byte[] row = readRow(memory, rowPointer, rowLength);
    Outcome outcome;
    try {
      outcome = transaction.update(writable(tableId), indexId, row, 0, rowLength);
    } catch (DecodeException e) {
      throw new HostTrap("update of table %d: %s".formatted(tableId, e.text()));
    }
    return finish(outcome, tableId, transaction, memory, rowPointer);
  }

  private static int writable(int tableId) {
    if (tableId == SystemTables.ST_ENV) {
      throw new HostTrap("no table has the id " + tableId);
    }
    return tableId;
  }

  private static long finish(
      Outcome outcome, int tableId, Transaction tx, GuestMemory memory, int rowPointer) {
    return switch (outcome) {
      case DONE, UNCHANGED -> {
        int length = tx.generatedLength();
        if (length > 0) {
          memory.write(rowPointer, tx.generated(), 0, length);
        }
        yield length;
      }
      case NO_SUCH_TABLE -> throw new HostTrap("no table has the id " + tableId);
      case BSATN_DECODE_ERROR,
          NO_SUCH_INDEX,
          WRONG_INDEX_ALGORITHM,
          UNIQUE_ALREADY_EXISTS,
          INDEX_NOT_UNIQUE,
          NO_SUCH_ROW ->
          -outcome.errno();
    };
  }

  @Override
  public long deleteAllByEq(int tableId, GuestMemory memory, int rowsPointer, int rowsLength) {
    if (tableId == SystemTables.ST_ENV) {
      return -Errno.NO_SUCH_TABLE.code();
    }
    byte[] rows = readRow(memory, rowsPointer, rowsLength);
    return deleted(open().deleteAllByEqual(tableId, rows, 0, rowsLength));
  }

  private long deleted(Outcome outcome) {
    return outcome.isDone() ? open().affected() : -outcome.errno();
  }

  @Override
  public long clear(int tableId) {
    if (open().clear(writable(tableId)) == Outcome.NO_SUCH_TABLE) {
      throw new HostTrap("no table has the id " + tableId);
    }
    return open().affected();
  }

  // ---- guest memory ----

  private byte[] readRow(GuestMemory memory, int pointer, int length) {
    long most = session.context().storeLimits().overlayBytesMax();
    if (length > most) {
      throw new HostTrap("rows of %d bytes, limit %d bytes".formatted(length, most));
    }
    return read(memory, pointer, length);
  }

  private byte[] read(GuestMemory memory, int pointer, int length) {
    if (scratch.length < length) {
      scratch = new byte[Math.max(length, 2 * scratch.length)];
    }
    memory.read(pointer, scratch, 0, length);
    return scratch;
  }

  private IndexRange read(GuestMemory memory, KeyRange keys) {
    // A prefix of no elements is not looked at; that it has bytes all the same is for the store to
    // refuse.
    if (keys.prefixElements() > 0) {
      prefixScratch = grown(prefixScratch, keys.prefixLength());
      memory.read(keys.prefixPointer(), prefixScratch, 0, keys.prefixLength());
    }
    byte[] start = read(memory, keys.startPointer(), keys.startLength());
    endScratch = grown(endScratch, keys.endLength());
    memory.read(keys.endPointer(), endScratch, 0, keys.endLength());
    return range
        .prefix(keys.prefixElements(), prefixScratch, 0, keys.prefixLength())
        .start(start, 0, keys.startLength())
        .end(endScratch, 0, keys.endLength());
  }

  private static byte[] grown(byte[] bytes, int length) {
    return bytes.length < length ? new byte[Math.max(length, 2 * bytes.length)] : bytes;
  }

  // ---- the rest ----

  @Override
  public Optional<byte[]> jwt(ConnectionId connection) {
    BsatnWriter writer = new BsatnWriter(ConnectionId.BYTES);
    connection.write(writer);
    byte[] key = writer.array();
    RowCursor row = SystemIndexes.rows(open().point(SystemIndexes.CREDENTIALS, key, 0, key.length));
    if (!row.next()) {
      return Optional.empty();
    }
    BsatnReader reader = new BsatnReader(row.buffer(), row.offset(), row.length());
    reader.skip(ConnectionId.BYTES);
    return Optional.of(reader.readBytes());
  }

  @Override
  public boolean inTransaction() {
    return tx != null;
  }

  @Override
  public Identity databaseIdentity() {
    return session.context().identity();
  }

  @Override
  public EnvironmentAnswer environment(String key) {
    boolean declared =
        session.program().schema().environment().stream()
            .anyMatch(variable -> variable.name().equals(key));
    if (!declared) {
      throw new HostTrap("environment variable `%s` is not declared".formatted(key));
    }
    // Only optional ones are served so far (NotBuiltYet), and none can be set.
    return new EnvironmentAnswer.Unset();
  }

  @Override
  public void scheduleImmediate(String name, byte[] arguments) {
    throw new HostTrap(
        "volatile_nonatomic_schedule_immediate of `%s`: this server does not schedule yet"
            .formatted(name));
  }

  @Override
  public void log(LogRecord line) {
    int most = session.context().limits().logLinesPerCall();
    logLines++;
    if (logLines > most) {
      if (logLines == most + 1) {
        session.hostLog(
            LogLevel.WARN,
            session.clock().now(),
            function,
            "more than %d log lines in one call; the rest is dropped".formatted(most));
      }
      return;
    }
    session.context().log().append(session.clock().now(), function, line);
  }

  @Override
  public long monotonicNanos() {
    return session.context().nanoTime().getAsLong();
  }

  /** A scan as the module host reads it. */
  private final class Cursor implements HostCursor {
    private @Nullable RowCursor rows;
    private boolean onRow;

    Cursor on(RowCursor opened) {
      rows = opened;
      onRow = opened.next();
      return this;
    }

    private RowCursor rows() {
      RowCursor present = rows;
      if (present == null) {
        throw new IllegalStateException("the cursor is closed");
      }
      return present;
    }

    @Override
    public int peekLength() {
      return onRow ? rows().length() : -1;
    }

    @Override
    public void copyTo(GuestMemory memory, int pointer) {
      RowCursor row = rows();
      memory.write(pointer, row.buffer(), row.offset(), row.length());
    }

    @Override
    public void copyTo(byte[] destination, int offset) {
      RowCursor row = rows();
      System.arraycopy(row.buffer(), row.offset(), destination, offset, row.length());
    }

    @Override
    public void advance() {
      onRow = rows().next();
    }

    @Override
    public void close() {
      rows = null;
      onRow = false;
      if (spareCursors.size() < SPARE_CURSORS_MAX) {
        spareCursors.push(this);
      }
    }
  }
}
