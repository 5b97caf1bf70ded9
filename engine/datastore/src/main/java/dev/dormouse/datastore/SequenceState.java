package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.EngineException;

/**
 * A sequence's next value: as committed, and as the transaction has left it.
 *
 * <p>An i128 in two longs. A draw belongs to its transaction and is given back by a rollback.
 * Source: spec since-2.8 §4.3.
 */
final class SequenceState {
  final SequenceSchema schema;
  private final TableOverlay owner;

  /** Bytes of the column that is filled. */
  final int width;

  private long high;
  private long low;
  private long drawnHigh;
  private long drawnLow;
  private boolean drawn;

  SequenceState(SequenceSchema schema, TableOverlay owner, int width, long high, long low) {
    this.schema = schema;
    this.owner = owner;
    this.width = width;
    this.high = high;
    this.low = low;
  }

  /** Whether the transaction has drawn. */
  boolean isDrawn() {
    return drawn;
  }

  /** The upper half of the next value, as the transaction sees it. */
  long high() {
    return drawn ? drawnHigh : high;
  }

  /** The lower half of the next value, as the transaction sees it. */
  long low() {
    return drawn ? drawnLow : low;
  }

  long committedHigh() {
    return high;
  }

  long committedLow() {
    return low;
  }

  /** Writes the next value, cut to the column's width, and moves on. */
  void draw(byte[] bytes, int at) {
    long thisHigh = high();
    long thisLow = low();
    if (thisHigh == Long.MAX_VALUE && thisLow == -1) {
      throw EngineException.tenant(
          "sequence " + schema.name() + " is at 2^127 - 1, the limit of its values");
    }
    owner.moved();
    write(thisHigh, thisLow, bytes, at);
    drawnLow = thisLow + 1;
    drawnHigh = drawnLow == 0 ? thisHigh + 1 : thisHigh;
    drawn = true;
  }

  private void write(long thisHigh, long thisLow, byte[] bytes, int at) {
    switch (width) {
      case 1 -> bytes[at] = (byte) thisLow;
      case 2 -> Words.setLittleShort(bytes, at, (int) thisLow);
      case 4 -> Words.setLittleInt(bytes, at, (int) thisLow);
      case 8 -> Words.setLittleLong(bytes, at, thisLow);
      case 16, 32 -> {
        Words.setLittleLong(bytes, at, thisLow);
        Words.setLittleLong(bytes, at + 8, thisHigh);
        for (int i = 16; i < width; i += 8) {
          Words.setLittleLong(bytes, at + i, thisHigh >> 63);
        }
      }
      default -> throw new IllegalStateException("sequence on a column of " + width + " bytes");
    }
  }

  /** Whether a value asks for the next number: all of its bytes are 0. */
  boolean isTrigger(byte[] bytes, int at) {
    for (int i = 0; i < width; i++) {
      if (bytes[at + i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Sets the position in the transaction, as a draw does. */
  void moveTo(long newHigh, long newLow) {
    owner.moved();
    drawnHigh = newHigh;
    drawnLow = newLow;
    drawn = true;
  }

  /** Sets the committed position. */
  void restore(long newHigh, long newLow) {
    high = newHigh;
    low = newLow;
  }

  void merge() {
    if (drawn) {
      high = drawnHigh;
      low = drawnLow;
      drawn = false;
    }
  }

  void rollback() {
    drawn = false;
  }
}
