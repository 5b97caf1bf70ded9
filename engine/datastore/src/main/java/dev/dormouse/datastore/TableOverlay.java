package dev.dormouse.datastore;

import dev.dormouse.sats.EngineException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the transaction has done to one table: rows inserted and committed rows deleted, both with
 * the number of the write, so that a cursor can leave out what came after it.
 *
 * <p>Inserted rows are numbered from 0 and named by the pointer {@code ~number}. Source: spec
 * host-semantics §5.
 */
final class TableOverlay {
  private static final int STRIDE = 4;
  private static final int POSITION = 0;
  private static final int LENGTH = 1;

  /** A committed row in whose place this one is, -1 for none, or {@link #restoring} one. */
  private static final int REPLACES = 2;

  /** Number of the write that took the row back, or 0. */
  private static final int TAKEN_BACK = 3;

  static final int NOTHING = -1;
  private static final int ARRAY_KEPT = 1024;
  private static final int ROW_CHARGE = 40;
  private static final int INDEX_ENTRY_CHARGE = 24;
  private static final int GONE_CHARGE = 32;
  private static final int[] NO_INTS = {};

  private final StoreContext context;
  private final Overlay shared;
  private @Nullable Table attached;

  private int[] rows = NO_INTS;
  private int rowCount;
  private int liveCount;

  private final DeletedRows gone = new DeletedRows();

  /** Inserted rows with lower numbers may be seen by an open cursor. */
  private int cursorRows;

  /** Deletions up to this write are not seen by some open cursor. */
  private int cursorSequence = -1;

  /** Inserted rows that have a place in the pages, from the first on. */
  private int preparedRows;

  private boolean touched;
  private boolean dropped;
  private final TableChanges changes = new TableChanges(this);

  TableOverlay(StoreContext context) {
    this.context = context;
    this.shared = context.overlay;
  }

  void attach(Table table) {
    attached = table;
  }

  Table table() {
    Table table = attached;
    if (table == null) {
      throw new IllegalStateException("overlay without a table");
    }
    return table;
  }

  int tableId() {
    return table().schema.id();
  }

  /** What the transaction has done to the table. */
  TableChanges changes() {
    return changes;
  }

  /** Whether the transaction has dropped the table. */
  boolean isDropped() {
    return dropped;
  }

  /** Inserted rows, those taken back included. */
  int rowCount() {
    return rowCount;
  }

  /** Inserted rows that are still there. */
  int liveCount() {
    return liveCount;
  }

  /** Committed rows that are deleted. */
  int goneCount() {
    return gone.count();
  }

  boolean isTouched() {
    return touched;
  }

  byte[] bytes(int number) {
    return shared.rows.bytes(rows[number * STRIDE + POSITION]);
  }

  int offset(int number) {
    return RowBuffer.offset(rows[number * STRIDE + POSITION]);
  }

  int length(int number) {
    return rows[number * STRIDE + LENGTH];
  }

  boolean isLive(int number) {
    return rows[number * STRIDE + TAKEN_BACK] == 0;
  }

  /** Whether a cursor opened after write {@code sequence} sees an inserted row it knows of. */
  boolean insertedVisible(int number, int sequence) {
    int takenBack = rows[number * STRIDE + TAKEN_BACK];
    return takenBack == 0 || takenBack > sequence;
  }

  /** The committed row in whose place an inserted one is; negative for none. */
  int replaces(int number) {
    return rows[number * STRIDE + REPLACES];
  }

  private void setReplaces(int number, int pointer) {
    rows[number * STRIDE + REPLACES] = pointer;
  }

  /** Sets the place reserved for an inserted row. */
  void place(int number, int pointer) {
    setReplaces(number, restoring(pointer));
  }

  /** The place reserved for an inserted row; negative if it takes that of another. */
  int placeOf(int number) {
    int mark = replaces(number);
    return mark < NOTHING ? restoring(mark) : -1;
  }

  /** Gives the place of a deleted committed row to another; false if it is not deleted. */
  boolean takePlace(int pointer) {
    return gone.takePlace(pointer);
  }

  /** Whether the place of the i-th deleted committed row goes to another. */
  boolean placeIsTaken(int i) {
    return gone.placeIsTaken(i);
  }

  /** How many inserted rows have a place. */
  int preparedRows() {
    return preparedRows;
  }

  void prepared(int count) {
    preparedRows = count;
  }

  /** Mark of an inserted row that is byte by byte the deleted committed row it stands for. */
  private static int restoring(int pointer) {
    return -2 - pointer;
  }

  /** The pointer of the i-th deleted committed row. */
  int gonePointer(int i) {
    return gone.pointer(i);
  }

  /** Number of the write that deleted a committed row, or 0. */
  int deletedAt(int pointer) {
    return gone.deletedAt(pointer);
  }

  /** Number of the last write. */
  int sequence() {
    return shared.sequence;
  }

  /** Notes that a cursor sees the state of this moment. */
  void openCursor() {
    if (touched) {
      cursorRows = rowCount;
      cursorSequence = shared.sequence;
    }
  }

  /** Enters the table into the transaction. */
  void touch() {
    if (!touched) {
      shared.touch(this);
      touched = true;
    }
  }

  /** A sequence of the table moves, which is a change of its own. */
  void moved() {
    touch();
    shared.sequence++;
  }

  /** Charges bytes that stay allocated until the end of the transaction, before they are. */
  void charge(long bytes) {
    shared.charge(bytes);
  }

  /** Inserts a row; refuses bytes that are no row with a DecodeException. */
  Outcome insert(byte[] source, int from, int available) {
    Table table = table();
    stage(table, source, from, available);
    Outcome outcome = insertStaged(table);
    shared.writing = false;
    return outcome;
  }

  private Outcome insertStaged(Table table) {
    byte[] bytes = bytes(rowCount);
    int offset = offset(rowCount);
    int length = length(rowCount);
    Index[] unique = table.unique;
    if (rowCount > 0) {
      for (Index index : unique) {
        int other = index.findInserted(bytes, offset, length);
        if (other >= 0) {
          boolean equal = equalsInserted(other, bytes, offset, length);
          unstage();
          shared.lastRow = ~other;
          return equal ? Outcome.UNCHANGED : Outcome.UNIQUE_ALREADY_EXISTS;
        }
      }
    }
    int committed = unique[0].find(bytes, offset, length);
    if (committed >= 0) {
      int deletedAt = deletedAt(committed);
      if (table.pages.equal(committed, bytes, offset, length)) {
        if (deletedAt != 0) {
          restore(committed, deletedAt);
          return Outcome.DONE;
        }
        unstage();
        shared.lastRow = committed;
        return Outcome.UNCHANGED;
      }
      if (deletedAt == 0) {
        unstage();
        return Outcome.UNIQUE_ALREADY_EXISTS;
      }
    }
    for (int i = 1; i < unique.length; i++) {
      int other = unique[i].find(bytes, offset, length);
      if (other >= 0 && deletedAt(other) == 0) {
        unstage();
        return Outcome.UNIQUE_ALREADY_EXISTS;
      }
    }
    add(table, NOTHING);
    return Outcome.DONE;
  }

  /** Replaces the row with the same key of an index; refuses bytes that are no row. */
  Outcome update(Index index, byte[] source, int from, int available) {
    Table table = table();
    stage(table, source, from, available);
    Outcome outcome = updateStaged(table, index);
    shared.writing = false;
    return outcome;
  }

  private Outcome updateStaged(Table table, Index index) {
    if (!index.unique) {
      unstage();
      return Outcome.INDEX_NOT_UNIQUE;
    }
    byte[] bytes = bytes(rowCount);
    int offset = offset(rowCount);
    int length = length(rowCount);
    int inserted = index.findInserted(bytes, offset, length);
    int committed = index.find(bytes, offset, length);
    int deletedAt = committed < 0 ? 0 : deletedAt(committed);
    RowPages pages = table.pages;
    if (inserted < 0) {
      if (committed < 0 || deletedAt != 0) {
        unstage();
        return Outcome.NO_SUCH_ROW;
      }
      if (pages.equal(committed, bytes, offset, length)) {
        unstage();
        shared.lastRow = committed;
        return Outcome.UNCHANGED;
      }
      byte[] oldBytes = pages.bytes(committed);
      int oldOffset = pages.offset(committed);
      int oldLength = pages.length(committed);
      for (Index other : table.unique) {
        if (other != index
            && !other.sameKey(oldBytes, oldOffset, oldLength, bytes, offset, length)
            && isTaken(other, bytes, offset, length)) {
          unstage();
          return Outcome.UNIQUE_ALREADY_EXISTS;
        }
      }
      markGone(committed);
      add(table, committed);
      return Outcome.DONE;
    }
    if (equalsInserted(inserted, bytes, offset, length)) {
      unstage();
      shared.lastRow = ~inserted;
      return Outcome.UNCHANGED;
    }
    for (Index other : table.unique) {
      if (other != index
          && !other.sameKey(
              bytes(inserted), offset(inserted), length(inserted), bytes, offset, length)
          && isTaken(other, bytes, offset, length)) {
        unstage();
        return Outcome.UNIQUE_ALREADY_EXISTS;
      }
    }
    if (deletedAt != 0 && pages.equal(committed, bytes, offset, length)) {
      takeBack(table, inserted);
      restore(committed, deletedAt);
    } else if (inserted >= cursorRows && length(inserted) == length) {
      overwrite(table, inserted);
    } else {
      int replaced = replaces(inserted);
      takeBack(table, inserted);
      add(table, replaced < NOTHING ? restoring(replaced) : replaced);
    }
    return Outcome.DONE;
  }

  /** Whether a visible row holds the key of this one. */
  private boolean isTaken(Index unique, byte[] bytes, int offset, int length) {
    if (unique.findInserted(bytes, offset, length) >= 0) {
      return true;
    }
    int committed = unique.find(bytes, offset, length);
    return committed >= 0 && deletedAt(committed) == 0;
  }

  /** Inserts a row of a migration: zeros in sequence columns stay zeros. */
  void insertAsIs(byte[] row) {
    Table table = table();
    copy(table, row, 0, row.length);
    if (!insertStaged(table).isDone()) {
      throw EngineException.tenant(
          "two rows of table %s have the same unique key".formatted(table.schema.name()));
    }
    shared.writing = false;
  }

  /** The transaction drops the table. */
  void drop() {
    touch();
    dropped = true;
  }

  /** Copies a row behind the last one, with its sequences drawn; it does not count yet. */
  private void stage(Table table, byte[] source, int from, int available) {
    copy(table, source, from, available);
    shared.generated.reset();
    if (table.sequences.length > 0) {
      drawSequences(table);
    }
  }

  private void drawSequences(Table table) {
    byte[] bytes = bytes(rowCount);
    int offset = offset(rowCount);
    for (SequenceState sequence : table.sequences) {
      int column = table.schema.shape().columnOffset(bytes, offset, sequence.schema.column());
      if (sequence.isTrigger(bytes, column)) {
        sequence.draw(bytes, column);
        shared.generated.writeRaw(bytes, column, sequence.width);
      }
    }
  }

  /** Copies a row behind the last one; a row that is refused changes nothing. */
  private void copy(Table table, byte[] source, int from, int available) {
    touch();
    int length = table.schema.shape().validate(source, from, from + available) - from;
    if (length > context.limits.rowBytesMax()) {
      throw EngineException.tenant(
          "row %d bytes, limit %d bytes, table %s"
              .formatted(length, context.limits.rowBytesMax(), table.schema.name()));
    }
    shared.charge(charge(table, length));
    shared.writing = true;
    int at = rowCount * STRIDE;
    if (at == rows.length) {
      rows = Arrays.copyOf(rows, Math.max(8 * STRIDE, 2 * rows.length));
    }
    int position = shared.rows.reserve(length);
    byte[] bytes = shared.rows.bytes(position);
    int offset = RowBuffer.offset(position);
    Words.copy(source, from, bytes, offset, length);
    rows[at + POSITION] = position;
    rows[at + LENGTH] = length;
    rows[at + TAKEN_BACK] = 0;
  }

  private static long charge(Table table, int length) {
    return length + ROW_CHARGE + (long) INDEX_ENTRY_CHARGE * table.indexes.length;
  }

  private void unstage() {
    int at = rowCount * STRIDE;
    int length = rows[at + LENGTH];
    shared.rows.undo(rows[at + POSITION], length);
    shared.refund(charge(table(), length));
  }

  /** Makes the staged row an inserted one. */
  private void add(Table table, int replaces) {
    int number = rowCount;
    rows[number * STRIDE + REPLACES] = replaces;
    shared.sequence++;
    rowCount++;
    liveCount++;
    for (Index index : table.indexes) {
      index.inserted(number);
    }
    shared.lastRow = ~number;
  }

  /** Puts the staged row in the place of an inserted one that no cursor can see. */
  private void overwrite(Table table, int number) {
    byte[] staged = bytes(rowCount);
    int from = offset(rowCount);
    int length = length(rowCount);
    for (Index index : table.indexes) {
      index.takingBack(number);
    }
    Words.copy(staged, from, bytes(number), offset(number), length);
    unstage();
    int replaced = replaces(number);
    if (replaced < NOTHING) {
      setReplaces(number, restoring(replaced));
    }
    shared.sequence++;
    for (Index index : table.indexes) {
      index.inserted(number);
    }
    shared.lastRow = ~number;
  }

  /** Undoes the deletion of the committed row that equals the staged one. */
  private void restore(int pointer, int deletedAt) {
    if (deletedAt <= cursorSequence) {
      // A cursor that must not see the row is open: the row stands for the deleted one instead.
      add(table(), restoring(pointer));
      return;
    }
    unstage();
    unmarkGone(pointer);
    shared.sequence++;
    shared.lastRow = pointer;
  }

  private boolean equalsInserted(int number, byte[] bytes, int offset, int length) {
    return length == length(number)
        && Words.equal(bytes(number), offset(number), bytes, offset, length);
  }

  /** Deletes a visible row by its pointer; false if it is not visible any more. */
  boolean delete(int pointer) {
    if (pointer >= 0 ? deletedAt(pointer) != 0 : !isLive(~pointer)) {
      return false;
    }
    shared.writing = true;
    touch();
    if (pointer >= 0) {
      markGone(pointer);
    } else {
      takeBack(table(), ~pointer);
    }
    shared.writing = false;
    return true;
  }

  /** Pointer of the visible row that equals these bytes, or {@link ReadView#NO_ROW}. */
  long findRow(byte[] row, int offset, int length) {
    Table table = table();
    int number = table.unique[0].findInserted(row, offset, length);
    if (number >= 0) {
      return equalsInserted(number, row, offset, length) ? ~number : ReadView.NO_ROW;
    }
    int pointer = table.findRow(row, offset, length);
    return pointer >= 0 && deletedAt(pointer) == 0 ? pointer : ReadView.NO_ROW;
  }

  private void takeBack(Table table, int number) {
    for (Index index : table.indexes) {
      index.takingBack(number);
    }
    shared.sequence++;
    rows[number * STRIDE + TAKEN_BACK] = shared.sequence;
    liveCount--;
  }

  private void markGone(int pointer) {
    shared.charge(GONE_CHARGE);
    shared.sequence++;
    gone.add(pointer, shared.sequence);
  }

  private void unmarkGone(int pointer) {
    gone.remove(pointer);
    shared.refund(GONE_CHARGE);
  }

  /** Resolves rows that stand for equal deleted ones: neither is a change. */
  void settle() {
    Table table = table();
    for (int number = 0; number < rowCount; number++) {
      int replaced = replaces(number);
      if (replaced < NOTHING && isLive(number)) {
        takeBack(table, number);
        unmarkGone(restoring(replaced));
      }
    }
  }

  /** Forgets everything; after a write that did not end, arrays and all. */
  void reset(boolean torn) {
    Table table = table();
    for (Index index : table.indexes) {
      index.reset();
    }
    for (SequenceState sequence : table.sequences) {
      sequence.rollback();
    }
    if (torn || rows.length > ARRAY_KEPT) {
      rows = NO_INTS;
    }
    gone.reset(torn);
    rowCount = 0;
    liveCount = 0;
    cursorRows = 0;
    cursorSequence = -1;
    preparedRows = 0;
    touched = false;
    dropped = false;
  }
}
