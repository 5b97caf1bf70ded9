package dev.dormouse.modulehost;

import dev.dormouse.sats.EngineException;

/** Reads the binary format of wasm far enough to count and cut, from a range of bytes. */
final class WasmReader {
  private static final int VARUINT32_BYTES_MAX = 5;

  private final byte[] bytes;
  private final int limit;
  private int position;

  WasmReader(byte[] bytes, int from, int limit) {
    this.bytes = bytes;
    this.position = from;
    this.limit = limit;
  }

  int position() {
    return position;
  }

  boolean hasRemaining() {
    return position < limit;
  }

  int readByte() {
    if (position >= limit) {
      throw truncated();
    }
    return bytes[position++] & 0xff;
  }

  /** A u32 in LEB128 that must be an index or a length, so at most the bytes of the program. */
  int readCount() {
    long value = readU32();
    if (value > Integer.MAX_VALUE) {
      throw noLength();
    }
    return (int) value;
  }

  /** Any u32 in LEB128. */
  long readU32() {
    long value = 0;
    for (int i = 0; i < VARUINT32_BYTES_MAX; i++) {
      int read = readByte();
      value |= (read & 0x7fL) << (7 * i);
      if (read < 0x80) {
        return value & 0xffff_ffffL;
      }
    }
    throw noLength();
  }

  private EngineException noLength() {
    return EngineException.tenant("not a wasm module: a length at byte %d".formatted(position));
  }

  /** Steps over bytes. */
  void skip(int count) {
    if (count > limit - position) {
      throw truncated();
    }
    position += count;
  }

  private EngineException truncated() {
    return EngineException.tenant("not a wasm module: it ends early, at byte " + position);
  }
}
