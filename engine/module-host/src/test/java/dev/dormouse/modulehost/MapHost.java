package dev.dormouse.modulehost;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A database in maps: tables whose first column is the key and has a fixed width, or that have no
 * key. Rows are bytes. No rollback.
 */
class MapHost implements HostCalls {
  private static final int INDEX_ID_OFFSET = 1_000;

  /** One table; its index has its id plus an offset. */
  record Table(int id, String name, int keyBytes, Map<ByteBuffer, byte[]> rows) {
    ByteBuffer keyOf(byte[] row) {
      return ByteBuffer.wrap(row, 0, keyBytes == 0 ? row.length : keyBytes).slice();
    }
  }

  final List<LogRecord> logs = new ArrayList<>();
  final List<String> scheduled = new ArrayList<>();
  final Map<ConnectionId, byte[]> tokens = new HashMap<>();
  final Map<String, EnvironmentAnswer> environment = new HashMap<>();
  private final List<Table> tables = new ArrayList<>();
  private final Set<Integer> sequences = new HashSet<>();
  private final Map<String, Integer> indexIds = new HashMap<>();
  boolean transaction = true;
  long clock;

  Table addTable(String name, int keyBytes, String... indexNames) {
    Table table = new Table(tables.size() + 1, name, keyBytes, new LinkedHashMap<>());
    tables.add(table);
    for (String index : indexNames) {
      indexIds.put(index, table.id() + INDEX_ID_OFFSET);
    }
    return table;
  }

  /** Draws the table's first column, a u64, from a sequence where it is 0. */
  void addSequence(Table table) {
    sequences.add(table.id());
  }

  private Optional<Table> table(int id) {
    return id > 0 && id <= tables.size() ? Optional.of(tables.get(id - 1)) : Optional.empty();
  }

  private Optional<Table> tableOfIndex(int id) {
    return table(id - INDEX_ID_OFFSET);
  }

  @Override
  public long tableIdFromName(String name) {
    return tables.stream()
        .filter(table -> table.name().equals(name))
        .mapToLong(Table::id)
        .findFirst()
        .orElse(-Errno.NO_SUCH_TABLE.code());
  }

  @Override
  public long indexIdFromName(String name) {
    Integer id = indexIds.get(name);
    return id == null ? -Errno.NO_SUCH_INDEX.code() : id;
  }

  @Override
  public long tableRowCount(int tableId) {
    return table(tableId)
        .map(t -> (long) t.rows().size())
        .orElse((long) -Errno.NO_SUCH_TABLE.code());
  }

  @Override
  public int tableScan(int tableId, CursorSlot out) {
    Optional<Table> table = table(tableId);
    if (table.isEmpty()) {
      return Errno.NO_SUCH_TABLE.code();
    }
    out.set(new RowListCursor(List.copyOf(table.get().rows().values())));
    return 0;
  }

  private List<byte[]> matching(Table table, byte[] key) {
    byte[] row = table.rows().get(ByteBuffer.wrap(key));
    return row == null ? List.of() : List.of(row);
  }

  private static byte[] bytes(GuestMemory memory, int pointer, int length) {
    byte[] bytes = new byte[length];
    memory.read(pointer, bytes, 0, length);
    return bytes;
  }

  @Override
  public int indexScanPoint(
      int indexId, GuestMemory memory, int keyPointer, int keyLength, CursorSlot out) {
    Optional<Table> table = tableOfIndex(indexId);
    if (table.isEmpty()) {
      return Errno.NO_SUCH_INDEX.code();
    }
    if (keyLength != table.get().keyBytes()) {
      return Errno.BSATN_DECODE_ERROR.code();
    }
    out.set(new RowListCursor(matching(table.get(), bytes(memory, keyPointer, keyLength))));
    return 0;
  }

  @Override
  public int indexScanRange(int indexId, GuestMemory memory, KeyRange range, CursorSlot out) {
    Optional<Table> table = tableOfIndex(indexId);
    if (table.isEmpty()) {
      return Errno.NO_SUCH_INDEX.code();
    }
    byte[] start = bytes(memory, range.startPointer(), range.startLength());
    byte[] end = bytes(memory, range.endPointer(), range.endLength());
    boolean point = start.length > 0 && start[0] == 0 && java.util.Arrays.equals(start, end);
    if (range.prefixElements() != 0 || !point) {
      return Errno.BSATN_DECODE_ERROR.code();
    }
    byte[] key = java.util.Arrays.copyOfRange(start, 1, start.length);
    out.set(new RowListCursor(matching(table.get(), key)));
    return 0;
  }

  @Override
  public long deleteByPoint(int indexId, GuestMemory memory, int keyPointer, int keyLength) {
    Optional<Table> table = tableOfIndex(indexId);
    if (table.isEmpty()) {
      return -Errno.NO_SUCH_INDEX.code();
    }
    byte[] key = bytes(memory, keyPointer, keyLength);
    return table.get().rows().remove(ByteBuffer.wrap(key)) == null ? 0 : 1;
  }

  @Override
  public long deleteByRange(int indexId, GuestMemory memory, KeyRange range) {
    Optional<Table> table = tableOfIndex(indexId);
    if (table.isEmpty()) {
      return -Errno.NO_SUCH_INDEX.code();
    }
    int removed = table.get().rows().size();
    table.get().rows().clear();
    return removed;
  }

  @Override
  public long insert(int tableId, GuestMemory memory, int rowPointer, int rowLength) {
    Table table = table(tableId).orElseThrow(() -> new HostTrap("no table " + tableId));
    int generated = 0;
    if (sequences.contains(tableId) && memory.readLong(rowPointer) == 0) {
      generated = Long.BYTES;
      byte[] id = new BsatnWriter().writeI64(table.rows().size() + 1).toByteArray();
      memory.write(rowPointer, id, 0, generated);
    }
    byte[] row = bytes(memory, rowPointer, rowLength);
    if (row.length < table.keyBytes()) {
      throw new HostTrap("bad row");
    }
    byte[] there = table.rows().putIfAbsent(table.keyOf(row), row);
    return there == null || java.util.Arrays.equals(there, row)
        ? generated
        : -Errno.UNIQUE_ALREADY_EXISTS.code();
  }

  @Override
  public long update(int tableId, int indexId, GuestMemory memory, int rowPointer, int rowLength) {
    Table table = table(tableId).orElseThrow(() -> new HostTrap("no table " + tableId));
    if (tableOfIndex(indexId).isEmpty()) {
      return -Errno.NO_SUCH_INDEX.code();
    }
    byte[] row = bytes(memory, rowPointer, rowLength);
    return table.rows().replace(table.keyOf(row), row) == null ? -Errno.NO_SUCH_ROW.code() : 0;
  }

  @Override
  public long deleteAllByEq(int tableId, GuestMemory memory, int rowsPointer, int rowsLength) {
    Optional<Table> table = table(tableId);
    if (table.isEmpty()) {
      return -Errno.NO_SUCH_TABLE.code();
    }
    BsatnReader list = new BsatnReader(bytes(memory, rowsPointer, rowsLength));
    if (list.remaining() < Integer.BYTES) {
      return -Errno.BSATN_DECODE_ERROR.code();
    }
    int removed = 0;
    list.readI32();
    byte[] wanted = list.readRaw(list.remaining());
    for (Iterator<byte[]> rows = table.get().rows().values().iterator(); rows.hasNext(); ) {
      if (java.util.Arrays.equals(rows.next(), wanted)) {
        rows.remove();
        removed++;
      }
    }
    return removed;
  }

  @Override
  public long clear(int tableId) {
    Table table = table(tableId).orElseThrow(() -> new HostTrap("no table " + tableId));
    int removed = table.rows().size();
    table.rows().clear();
    return removed;
  }

  @Override
  public Optional<byte[]> jwt(ConnectionId connection) {
    return Optional.ofNullable(tokens.get(connection));
  }

  @Override
  public boolean inTransaction() {
    return transaction;
  }

  @Override
  public Identity databaseIdentity() {
    return new Identity(1, 2, 3, 4);
  }

  @Override
  public EnvironmentAnswer environment(String key) {
    EnvironmentAnswer answer = environment.get(key);
    if (answer == null) {
      throw new HostTrap("undeclared environment variable " + key);
    }
    return answer;
  }

  @Override
  public void scheduleImmediate(String function, byte[] arguments) {
    scheduled.add(function + ":" + arguments.length);
  }

  @Override
  public void log(LogRecord record) {
    logs.add(record);
  }

  @Override
  public long monotonicNanos() {
    clock += 1_234_567;
    return clock;
  }

  /** A cursor over a list that nobody changes. */
  static final class RowListCursor implements HostCursor {
    private final List<byte[]> rows;
    private int at;
    boolean closed;

    RowListCursor(List<byte[]> rows) {
      this.rows = rows;
    }

    @Override
    public int peekLength() {
      return at < rows.size() ? rows.get(at).length : -1;
    }

    @Override
    public void copyTo(GuestMemory memory, int pointer) {
      memory.write(pointer, rows.get(at), 0, rows.get(at).length);
    }

    @Override
    public void copyTo(byte[] destination, int offset) {
      System.arraycopy(rows.get(at), 0, destination, offset, rows.get(at).length);
    }

    @Override
    public void advance() {
      at++;
    }

    @Override
    public void close() {
      if (closed) {
        throw new IllegalStateException("closed twice");
      }
      closed = true;
    }
  }
}
