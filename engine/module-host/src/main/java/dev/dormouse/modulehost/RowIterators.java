package dev.dormouse.modulehost;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Open scans of one instance, by handles 1, 2, 3 … that are used again once freed, and the rule by
 * which rows go to the guest in whole chunks. Source: spec module-abi §4 and §5.2.
 */
final class RowIterators {
  /** {@link #advance} copied nothing: the next chunk is larger than the guest's buffer. */
  static final int TOO_SMALL = 0;

  /** {@link #advance} copied some chunks and there are more. */
  static final int MORE = 1;

  /** {@link #advance} copied what was left, and freed the iterator. */
  static final int EXHAUSTED = 2;

  /** A chunk ends with the row that makes it longer than this. */
  private static final int CHUNK_BYTES = 32_768;

  private static final int INITIAL_SLOTS = 4;

  private final int openMax;
  private @Nullable HostCursor[] cursors = new HostCursor[INITIAL_SLOTS];

  /** A chunk that was begun and did not fit, per slot. */
  private byte[] @Nullable [] held = new byte[INITIAL_SLOTS][];

  private int[] freeSlots = new int[INITIAL_SLOTS];
  private int free;
  private int used;
  private int transferred;

  RowIterators(int openMax) {
    this.openMax = openMax;
  }

  /** Takes over a cursor; its handle. */
  int open(HostCursor cursor) {
    int slot;
    if (free > 0) {
      free--;
      slot = freeSlots[free];
    } else {
      if (used == openMax) {
        cursor.close();
        throw new HostTrap("more than %d row iterators open".formatted(openMax));
      }
      if (used == cursors.length) {
        cursors = Arrays.copyOf(cursors, used * 2);
        held = Arrays.copyOf(held, used * 2);
        freeSlots = Arrays.copyOf(freeSlots, used * 2);
      }
      slot = used;
      used++;
    }
    cursors[slot] = cursor;
    return slot + 1;
  }

  /** Whether the handle is open. */
  boolean contains(int handle) {
    return handle > 0 && handle <= used && cursors[handle - 1] != null;
  }

  /** Frees an open iterator. */
  void close(int handle) {
    int slot = handle - 1;
    HostCursor cursor = cursor(slot);
    cursors[slot] = null;
    held[slot] = null;
    freeSlots[free] = slot;
    free++;
    cursor.close();
  }

  /** Frees whatever the call has left open. */
  void closeAll() {
    if (free == used) {
      return;
    }
    for (int slot = 0; slot < used; slot++) {
      if (cursors[slot] != null) {
        close(slot + 1);
      }
    }
  }

  /** Bytes that the last {@link #advance} copied, or with {@link #TOO_SMALL} those of the chunk. */
  int transferred() {
    return transferred;
  }

  /**
   * Copies as many whole chunks as fit.
   *
   * @return {@link #TOO_SMALL}, {@link #MORE} or {@link #EXHAUSTED}
   */
  int advance(int handle, GuestMemory memory, int pointer, int capacity) {
    int slot = handle - 1;
    HostCursor cursor = cursor(slot);
    int written = 0;
    byte[] chunk = held[slot];
    if (chunk != null) {
      if (chunk.length > capacity) {
        transferred = chunk.length;
        return TOO_SMALL;
      }
      memory.write(pointer, chunk, 0, chunk.length);
      written = chunk.length;
      held[slot] = null;
    }
    int chunkStart = written;
    while (true) {
      int length = cursor.peekLength();
      if (length < 0) {
        close(handle);
        transferred = written;
        return EXHAUSTED;
      }
      if (length > capacity - written) {
        byte[] rest = completeChunk(cursor, memory, pointer + chunkStart, written - chunkStart);
        held[slot] = rest;
        transferred = chunkStart == 0 ? rest.length : chunkStart;
        return chunkStart == 0 ? TOO_SMALL : MORE;
      }
      cursor.copyTo(memory, pointer + written);
      cursor.advance();
      written += length;
      if (written - chunkStart > CHUNK_BYTES) {
        chunkStart = written;
      }
    }
  }

  /**
   * The chunk that begins with bytes already copied to the guest, which are taken back, and goes on
   * with the cursor's next rows.
   */
  private static byte[] completeChunk(
      HostCursor cursor, GuestMemory memory, int pointer, int begun) {
    byte[] chunk = new byte[begun + Math.max(0, cursor.peekLength())];
    memory.read(pointer, chunk, 0, begun);
    int filled = begun;
    int length = cursor.peekLength();
    while (length >= 0 && filled <= CHUNK_BYTES) {
      if (length > chunk.length - filled) {
        chunk = Arrays.copyOf(chunk, Math.max(filled + length, chunk.length * 2));
      }
      cursor.copyTo(chunk, filled);
      cursor.advance();
      filled += length;
      length = cursor.peekLength();
    }
    return Arrays.copyOf(chunk, filled);
  }

  private HostCursor cursor(int slot) {
    HostCursor cursor = cursors[slot];
    if (cursor == null) {
      throw new IllegalStateException("row iterator " + (slot + 1) + " is not open");
    }
    return cursor;
  }
}
