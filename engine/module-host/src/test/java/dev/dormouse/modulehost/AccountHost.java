package dev.dormouse.modulehost;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The bank's one table in one hash map, with nothing else in the way: what benchmarks run against.
 */
final class AccountHost extends MapHost {
  private static final int ROW_BYTES = 12;

  private final Map<Integer, byte[]> accounts = new HashMap<>();
  private final PooledCursor cursor = new PooledCursor();

  @Override
  public long tableIdFromName(String name) {
    return 1;
  }

  @Override
  public long indexIdFromName(String name) {
    return 2;
  }

  @Override
  public int indexScanPoint(
      int indexId, GuestMemory memory, int keyPointer, int keyLength, CursorSlot out) {
    cursor.row = accounts.get(memory.readInt(keyPointer));
    out.set(cursor);
    return 0;
  }

  @Override
  public int indexScanRange(int indexId, GuestMemory memory, KeyRange range, CursorSlot out) {
    throw new HostTrap("the bank scans no ranges");
  }

  @Override
  public long insert(int tableId, GuestMemory memory, int rowPointer, int rowLength) {
    byte[] row = new byte[ROW_BYTES];
    memory.read(rowPointer, row, 0, ROW_BYTES);
    accounts.put(memory.readInt(rowPointer), row);
    return 0;
  }

  @Override
  public long update(int tableId, int indexId, GuestMemory memory, int rowPointer, int rowLength) {
    byte[] row = accounts.get(memory.readInt(rowPointer));
    if (row == null) {
      return -Errno.NO_SUCH_ROW.code();
    }
    memory.read(rowPointer, row, 0, ROW_BYTES);
    return 0;
  }

  List<byte[]> rows() {
    return List.copyOf(accounts.values());
  }

  private static final class PooledCursor implements HostCursor {
    private byte @org.jspecify.annotations.Nullable [] row;

    @Override
    public int peekLength() {
      return row == null ? -1 : ROW_BYTES;
    }

    @Override
    public void copyTo(GuestMemory memory, int pointer) {
      memory.write(pointer, java.util.Objects.requireNonNull(row), 0, ROW_BYTES);
    }

    @Override
    public void copyTo(byte[] destination, int offset) {
      System.arraycopy(java.util.Objects.requireNonNull(row), 0, destination, offset, ROW_BYTES);
    }

    @Override
    public void advance() {
      row = null;
    }

    @Override
    public void close() {
      row = null;
    }
  }
}
