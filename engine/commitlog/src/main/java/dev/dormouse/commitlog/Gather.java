package dev.dormouse.commitlog;

import java.util.Arrays;

/**
 * Records on their way to become one group: their bytes, with room for the group's header before
 * them, and per database what there is of it. Filled under the journal's lock; read by the writer
 * alone once it has been taken.
 */
final class Gather {
  private static final int INITIAL_BYTES = 1 << 12;
  private static final int INITIAL_SLOTS = 16;

  /** Tells one filling from the next, since gathers are used again. */
  private long serial;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length = JournalFormat.GROUP_BYTES;
  private int records;

  private int slots;
  private JournalAppender[] appenders = new JournalAppender[INITIAL_SLOTS];
  private long[] firsts = new long[INITIAL_SLOTS];
  private long[] lasts = new long[INITIAL_SLOTS];
  private int[] starts = new int[INITIAL_SLOTS];
  private int[] ends = new int[INITIAL_SLOTS];
  private int[] owns = new int[INITIAL_SLOTS];

  void reset(long newSerial) {
    serial = newSerial;
    length = JournalFormat.GROUP_BYTES;
    records = 0;
    Arrays.fill(appenders, 0, slots, null);
    slots = 0;
  }

  void add(JournalAppender appender, byte[] record, int offset, int size, long txOffset) {
    if (size > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max((long) length + size, doubled()));
    }
    System.arraycopy(record, offset, bytes, length, size);
    int slot = appender.slotIn(serial);
    if (slot < 0) {
      slot = newSlot(appender, txOffset);
    }
    length += size;
    records++;
    lasts[slot] = txOffset;
    ends[slot] = length;
    owns[slot] += size;
  }

  private long doubled() {
    return Math.min(RecordFormat.BYTES_MAX, 2L * bytes.length);
  }

  private int newSlot(JournalAppender appender, long txOffset) {
    if (slots == appenders.length) {
      int more = 2 * slots;
      appenders = Arrays.copyOf(appenders, more);
      firsts = Arrays.copyOf(firsts, more);
      lasts = Arrays.copyOf(lasts, more);
      starts = Arrays.copyOf(starts, more);
      ends = Arrays.copyOf(ends, more);
      owns = Arrays.copyOf(owns, more);
    }
    int slot = slots++;
    appender.useSlot(serial, slot);
    appenders[slot] = appender;
    firsts[slot] = txOffset;
    starts[slot] = length;
    owns[slot] = 0;
    return slot;
  }

  boolean isEmpty() {
    return records == 0;
  }

  /** The group's bytes, {@link #length} of them, the first of which are room for its header. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  int records() {
    return records;
  }

  int recordBytes() {
    return length - JournalFormat.GROUP_BYTES;
  }

  /** Bytes it keeps hold of. */
  int capacity() {
    return bytes.length;
  }

  int slots() {
    return slots;
  }

  JournalAppender appender(int slot) {
    return appenders[slot];
  }

  long last(int slot) {
    return lasts[slot];
  }

  /** Where one database's records are, in a file whose group begins at a position. */
  Run run(int slot, JournalFile file, long groupStart) {
    return new Run(
        file,
        groupStart + starts[slot],
        groupStart + ends[slot],
        owns[slot],
        appenders[slot].epoch().value(),
        firsts[slot],
        lasts[slot]);
  }
}
