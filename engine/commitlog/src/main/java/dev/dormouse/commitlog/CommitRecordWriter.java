package dev.dormouse.commitlog;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Encodes commit records one after another into a buffer of its own, which {@link
 * JournalAppender#append} copies. A lane keeps one; after the first records nothing is allocated.
 *
 * <p>Order of calls: {@link #begin}, then any number of {@link #beginTable} with rows, {@link
 * #sequence} and attributes, then {@link #finish}. A record that exceeds the limit is refused where
 * it crosses it; {@code begin} starts over. Grammar: {@link RecordFormat}. Not safe for use by
 * several threads.
 */
public final class CommitRecordWriter {
  /** A buffer that grew beyond this for one large commit is given up at the next {@link #begin}. */
  private static final int RETAINED_BYTES_MAX = 1 << 20;

  private static final int INITIAL_BYTES = 1 << 10;
  private static final int NO_SECTION = 0;

  private final int commitBytesMax;
  private final CRC32C crc = new CRC32C();
  private byte[] buffer;
  private int length;
  private boolean writing;

  private int tableId;
  private boolean tableBegun;
  private int section = NO_SECTION;
  private int sectionStart;
  private int sectionItems;

  private String lastFunction = "";
  private byte[] lastFunctionUtf8 = new byte[0];

  /** A writer that refuses records beyond the limits' {@link LogLimits#commitBytesMax}. */
  public CommitRecordWriter(LogLimits limits) {
    this.commitBytesMax = limits.commitBytesMax();
    this.buffer = new byte[Math.min(INITIAL_BYTES, commitBytesMax)];
  }

  /**
   * Starts a record, dropping what was written before.
   *
   * @param timestampMicros microseconds since 1970
   * @param function name of the function called, or empty; at most 65,535 bytes of UTF-8
   */
  public void begin(
      DatabaseKey key,
      Epoch epoch,
      TxOffset offset,
      long timestampMicros,
      CommitKind kind,
      Identity caller,
      String function) {
    byte[] name = utf8(function);
    if (buffer.length > RETAINED_BYTES_MAX) {
      buffer = new byte[Math.min(INITIAL_BYTES, commitBytesMax)];
    }
    length = 0;
    section = NO_SECTION;
    tableBegun = false;
    writing = true;
    reserve(RecordFormat.FUNCTION + name.length);
    LittleEndian.putKey(buffer, RecordFormat.KEY, key);
    LittleEndian.putLong(buffer, RecordFormat.EPOCH, epoch.value());
    LittleEndian.putLong(buffer, RecordFormat.OFFSET, offset.value());
    LittleEndian.putLong(buffer, RecordFormat.TIMESTAMP, timestampMicros);
    LittleEndian.putIdentity(buffer, RecordFormat.CALLER, caller);
    buffer[RecordFormat.KIND] = kind.code();
    buffer[RecordFormat.ZERO] = 0;
    LittleEndian.putU16(buffer, RecordFormat.FUNCTION_BYTES, name.length);
    System.arraycopy(name, 0, buffer, RecordFormat.FUNCTION, name.length);
    length = RecordFormat.FUNCTION + name.length;
  }

  private byte[] utf8(String function) {
    if (!function.equals(lastFunction)) {
      byte[] name = function.getBytes(StandardCharsets.UTF_8);
      if (name.length > RecordFormat.FUNCTION_BYTES_MAX) {
        throw EngineException.tenant(
            "function name of %d bytes, limit %d bytes"
                .formatted(name.length, RecordFormat.FUNCTION_BYTES_MAX));
      }
      lastFunction = function;
      lastFunctionUtf8 = name;
    }
    return lastFunctionUtf8;
  }

  /** Names the table that the rows after this belong to. A table may be begun again. */
  public void beginTable(int id) {
    requireWriting();
    closeSection();
    tableId = id;
    tableBegun = true;
  }

  /** Adds a row that the transaction deleted from the table begun last. */
  public void deletedRow(byte[] bytes, int offset, int rowBytes) {
    row(RecordFormat.DELETED, bytes, offset, rowBytes);
  }

  /** Adds a row that the transaction inserted into the table begun last. */
  public void insertedRow(byte[] bytes, int offset, int rowBytes) {
    row(RecordFormat.INSERTED, bytes, offset, rowBytes);
  }

  private void row(int tag, byte[] bytes, int offset, int rowBytes) {
    if (section != tag) {
      if (!tableBegun) {
        throw new IllegalStateException("a row without a table");
      }
      openSection(tag);
      reserve(4);
      LittleEndian.putInt(buffer, length, tableId);
      length += 4;
      beginItems();
    }
    reserve((long) rowBytes + 5);
    int rest = rowBytes;
    while (rest > 0x7f) {
      buffer[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[length++] = (byte) rest;
    System.arraycopy(bytes, offset, buffer, length, rowBytes);
    length += rowBytes;
    sectionItems++;
  }

  /** Adds the next value of a sequence that the transaction moved, a signed 128-bit integer. */
  public void sequence(int sequenceId, long high, long low) {
    if (section != RecordFormat.SEQUENCES) {
      openSection(RecordFormat.SEQUENCES);
      beginItems();
    }
    reserve(RecordFormat.SEQUENCE_BYTES);
    LittleEndian.putInt(buffer, length, sequenceId);
    LittleEndian.putLong(buffer, length + 4, low);
    LittleEndian.putLong(buffer, length + 12, high);
    length += RecordFormat.SEQUENCE_BYTES;
    sectionItems++;
  }

  /** Adds the arguments as they were given to the function. */
  public void arguments(byte[] bytes, int offset, int argumentBytes) {
    attribute(CommitRecord.ARGUMENTS, bytes, offset, argumentBytes);
  }

  /** Adds the connection of the caller. */
  public void connectionId(ConnectionId id) {
    openSection(CommitRecord.CONNECTION_ID);
    reserve(ConnectionId.BYTES);
    LittleEndian.putLong(buffer, length, id.word0());
    LittleEndian.putLong(buffer, length + 8, id.word1());
    length += ConnectionId.BYTES;
    closeSection();
  }

  /**
   * Adds something to know about the commit that replay does not need.
   *
   * @param tag 128 to 255
   */
  public void attribute(int tag, byte[] bytes, int offset, int attributeBytes) {
    if (tag < RecordFormat.ATTRIBUTE_MIN || tag > 0xff) {
      throw new IllegalArgumentException("attribute tags are 128 to 255, got " + tag);
    }
    openSection(tag);
    reserve(attributeBytes);
    System.arraycopy(bytes, offset, buffer, length, attributeBytes);
    length += attributeBytes;
    closeSection();
  }

  private void openSection(int tag) {
    requireWriting();
    closeSection();
    reserve(RecordFormat.SECTION_BYTES);
    buffer[length] = (byte) tag;
    sectionStart = length;
    length += RecordFormat.SECTION_BYTES;
    section = tag;
    sectionItems = -1;
  }

  /** Leaves room for the number of items, which stands at the same place where there is a table. */
  private void beginItems() {
    reserve(4);
    length += 4;
    sectionItems = 0;
  }

  private void closeSection() {
    if (section == NO_SECTION) {
      return;
    }
    LittleEndian.putInt(
        buffer, sectionStart + 1, length - sectionStart - RecordFormat.SECTION_BYTES);
    if (sectionItems >= 0) {
      int count = section == RecordFormat.SEQUENCES ? 0 : 4;
      LittleEndian.putInt(buffer, sectionStart + RecordFormat.SECTION_BYTES + count, sectionItems);
    }
    section = NO_SECTION;
  }

  /**
   * Completes the record: it stands in {@link #buffer} from 0.
   *
   * @return its length in bytes
   */
  public int finish() {
    requireWriting();
    closeSection();
    LittleEndian.putInt(buffer, 0, length - RecordFormat.PREFIX_BYTES);
    LittleEndian.putInt(buffer, RecordFormat.CRC, RecordFormat.checksum(crc, buffer, 0, length));
    writing = false;
    return length;
  }

  /** The bytes written to; replaced when it grows, so ask after {@link #finish}. */
  public byte[] buffer() {
    return buffer;
  }

  /** Bytes written so far. */
  public int length() {
    return length;
  }

  /** The finished record on bytes of its own. */
  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, length);
  }

  boolean isFinished() {
    return !writing && length > 0;
  }

  private void requireWriting() {
    if (!writing) {
      throw new IllegalStateException("no record has been begun");
    }
  }

  private void reserve(long more) {
    if (length + more > buffer.length) {
      grow(length + more);
    }
  }

  private void grow(long needed) {
    if (needed > commitBytesMax) {
      writing = false;
      length = 0;
      throw EngineException.tenant(
          "commit of at least %d bytes, limit %d bytes".formatted(needed, commitBytesMax));
    }
    buffer = Arrays.copyOf(buffer, (int) Math.min(commitBytesMax, Math.max(needed, 2L * length)));
  }
}
