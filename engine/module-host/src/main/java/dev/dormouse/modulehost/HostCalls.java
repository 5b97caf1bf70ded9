package dev.dormouse.modulehost;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.Optional;

/**
 * What a guest asks of its database: the port that the owner of an instance implements.
 *
 * <p>Laws:
 *
 * <ul>
 *   <li>Called by the thread that runs the instance, inside a call or while the instance is made.
 *   <li>Pointers are checked: null, out of bounds and lengths never reach an implementation.
 *   <li>Methods that give a {@code long} answer a value ≥ 0, or {@code -errno.code()}. Those that
 *       give an {@code int} answer 0 or {@code errno.code()}; only on 0 do they leave a cursor.
 *   <li>What the ABI answers by a trap is thrown as {@link HostTrap}. Any other exception is a bug:
 *       it goes through to the caller of the instance, which is poisoned.
 *   <li>All but the last group are called only while {@link #inTransaction()} holds.
 *   <li>An implementation writes only to what the caller throws away when the call fails: the guest
 *       can run the stack out at any point inside it. It does no I/O on files, channels or sockets.
 *   <li>Nobody tells it of a trap, an interrupt or a stack overflow: the outcome of the call does.
 * </ul>
 *
 * Source: spec module-abi §5.
 */
public interface HostCalls {

  /** The id of a table by canonical name, then by alias. {@link Errno#NO_SUCH_TABLE}. */
  long tableIdFromName(String name);

  /** The id of an index by canonical name, then by alias. {@link Errno#NO_SUCH_INDEX}. */
  long indexIdFromName(String name);

  /** Rows the transaction sees. {@link Errno#NO_SUCH_TABLE}. */
  long tableRowCount(int tableId);

  /** All rows the transaction sees. {@link Errno#NO_SUCH_TABLE}. */
  int tableScan(int tableId, CursorSlot out);

  /**
   * Rows whose key equals the BSATN at {@code keyPointer}. {@link Errno#NO_SUCH_INDEX}, {@link
   * Errno#BSATN_DECODE_ERROR}.
   */
  int indexScanPoint(
      int indexId, GuestMemory memory, int keyPointer, int keyLength, CursorSlot out);

  /**
   * Rows in a key range. {@link Errno#NO_SUCH_INDEX}, {@link Errno#BSATN_DECODE_ERROR}, {@link
   * Errno#WRONG_INDEX_ALGO}.
   */
  int indexScanRange(int indexId, GuestMemory memory, KeyRange range, CursorSlot out);

  /** Deletes what the point scan would give; how many. Same errnos. */
  long deleteByPoint(int indexId, GuestMemory memory, int keyPointer, int keyLength);

  /** Deletes what the range scan would give; how many. Same errnos. */
  long deleteByRange(int indexId, GuestMemory memory, KeyRange range);

  /**
   * Inserts the row at {@code rowPointer} and overwrites it from its start with the generated
   * values; how many bytes of them, 0 if none. {@link Errno#UNIQUE_ALREADY_EXISTS}, {@link
   * Errno#SCHEDULE_AT_DELAY_TOO_LONG}. A bad row or table id traps.
   */
  long insert(int tableId, GuestMemory memory, int rowPointer, int rowLength);

  /**
   * Replaces the row with the same key in a unique index; otherwise as {@link #insert}. {@link
   * Errno#NO_SUCH_INDEX}, {@link Errno#INDEX_NOT_UNIQUE}, {@link Errno#NO_SUCH_ROW}, {@link
   * Errno#UNIQUE_ALREADY_EXISTS}, {@link Errno#SCHEDULE_AT_DELAY_TOO_LONG}.
   */
  long update(int tableId, int indexId, GuestMemory memory, int rowPointer, int rowLength);

  /**
   * Deletes rows equal to one of the list at {@code rowsPointer}; how many. {@link
   * Errno#NO_SUCH_TABLE}, {@link Errno#BSATN_DECODE_ERROR}.
   */
  long deleteAllByEq(int tableId, GuestMemory memory, int rowsPointer, int rowsLength);

  /** Deletes all rows; how many. A bad table id traps. */
  long clear(int tableId);

  /** The claims of a connection's token as JSON text in UTF-8, if it has a token. */
  Optional<byte[]> jwt(ConnectionId connection);

  // The rest may be asked without a transaction.

  /** Whether a transaction is open; without one the module host answers errno 2 by itself. */
  boolean inTransaction();

  /** The database that the guest runs for. */
  Identity databaseIdentity();

  /**
   * The value of a declared environment variable; the key has the form of a name. Undeclared keys,
   * missing required ones, submodules and replaced programs trap.
   */
  EnvironmentAnswer environment(String key);

  /** Queues a call of a reducer or procedure, whatever becomes of the transaction. */
  void scheduleImmediate(String function, byte[] arguments);

  /** Takes a log record; must not throw because of its content. */
  void log(LogRecord record);

  /** A clock that never steps back, for console timers, in nanoseconds. */
  long monotonicNanos();
}
