package dev.dormouse.datastore;

import dev.dormouse.sats.EngineException;
import java.util.Arrays;

/**
 * The bytes of rows inserted by one transaction, in chunks that never move.
 *
 * <p>Position = chunk number, then offset in 16 bits. A row longer than a chunk has one of its own.
 */
final class RowBuffer {
  private static final int FIRST_CHUNK_BYTES = 4096;
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int CHUNKS_MAX = 1 << 15;

  private byte[][] chunks = {new byte[FIRST_CHUNK_BYTES]};
  private int chunk;
  private int top;

  /** Makes room for a row and returns its position. */
  int reserve(int length) {
    if (chunks[chunk].length - top < length) {
      addChunk(length);
    }
    int position = chunk << 16 | top;
    // A row of no bytes at the very end of a chunk is at its start instead.
    if (top >= CHUNK_BYTES) {
      position = chunk << 16;
    }
    top += length;
    return position;
  }

  private void addChunk(int length) {
    int added = chunk + 1;
    if (added == CHUNKS_MAX) {
      throw EngineException.tenant(
          "transaction overlay of %d chunks, limit %d chunks".formatted(added, CHUNKS_MAX));
    }
    byte[] bytes = new byte[Math.max(CHUNK_BYTES, length)];
    if (added == chunks.length) {
      chunks = Arrays.copyOf(chunks, 2 * added);
    }
    chunks[added] = bytes;
    chunk = added;
    top = 0;
  }

  /** Forgets the row at this position, which is the last that was reserved. */
  void undo(int position, int length) {
    if (position >>> 16 == chunk) {
      top -= length;
    }
  }

  byte[] bytes(int position) {
    return chunks[position >>> 16];
  }

  static int offset(int position) {
    return position & 0xffff;
  }

  void reset() {
    if (chunks.length > 1) {
      chunks = new byte[][] {chunks[0]};
    }
    chunk = 0;
    top = 0;
  }
}
