package dev.dormouse.commitlog;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * One committed transaction of one database, read from its encoded form: who, when, which function,
 * and its effects. Written by {@link CommitRecordWriter}, whose grammar stands at {@link
 * RecordFormat}.
 *
 * <p>A record handed to a visitor is a view that holds only during the call; {@link #copy} keeps
 * it. Not safe for use by several threads.
 */
public final class CommitRecord {
  /** Attribute: the arguments as they were given to the function. */
  public static final int ARGUMENTS = 128;

  /** Attribute: the caller's connection id, 16 bytes. */
  public static final int CONNECTION_ID = 129;

  private byte[] bytes;
  private int start;
  private int size;

  CommitRecord() {
    this.bytes = new byte[0];
  }

  /** Points this view at a record that was found intact. */
  CommitRecord at(byte[] newBytes, int newStart, int newSize) {
    this.bytes = newBytes;
    this.start = newStart;
    this.size = newSize;
    return this;
  }

  /**
   * A view of one encoded record.
   *
   * @throws DecodeException if the range is not exactly one record with the right checksum
   */
  public static CommitRecord decode(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length < RecordFormat.BYTES_MIN
        || !RecordFormat.isIntact(new CRC32C(), bytes, offset, length)) {
      throw new DecodeException(
          "%d bytes are not one commit record with the right checksum".formatted(length));
    }
    return new CommitRecord().at(bytes, offset, length);
  }

  /** The same record on bytes of its own. */
  public CommitRecord copy() {
    return new CommitRecord().at(Arrays.copyOfRange(bytes, start, start + size), 0, size);
  }

  /** Whose commit. */
  public DatabaseKey key() {
    return LittleEndian.getKey(bytes, start + RecordFormat.KEY);
  }

  boolean isOf(DatabaseKey key) {
    return LittleEndian.isKey(bytes, start + RecordFormat.KEY, key);
  }

  /** Under which ownership it was written. */
  public Epoch epoch() {
    return new Epoch(epochValue());
  }

  long epochValue() {
    return LittleEndian.getLong(bytes, start + RecordFormat.EPOCH);
  }

  /** Its position in the database's log. */
  public TxOffset offset() {
    return new TxOffset(offsetValue());
  }

  long offsetValue() {
    return LittleEndian.getLong(bytes, start + RecordFormat.OFFSET);
  }

  /** When it was called, in microseconds since 1970. */
  public long timestampMicros() {
    return LittleEndian.getLong(bytes, start + RecordFormat.TIMESTAMP);
  }

  /** Who called. */
  public Identity caller() {
    return LittleEndian.getIdentity(bytes, start + RecordFormat.CALLER);
  }

  /**
   * What caused it.
   *
   * @throws DecodeException if a later version wrote a kind unknown here
   */
  public CommitKind kind() {
    return CommitKind.ofCode(bytes[start + RecordFormat.KIND]);
  }

  /** Name of the function, or empty where none was called. */
  public String function() {
    return new String(
        bytes, start + RecordFormat.FUNCTION, functionBytes(), StandardCharsets.UTF_8);
  }

  private int functionBytes() {
    return LittleEndian.getU16(bytes, start + RecordFormat.FUNCTION_BYTES);
  }

  /** Bytes of the encoded record, length and checksum included. */
  public int size() {
    return size;
  }

  /** The encoded record. */
  public byte[] toByteArray() {
    return Arrays.copyOfRange(bytes, start, start + size);
  }

  void copyTo(byte[] target, int at) {
    System.arraycopy(bytes, start, target, at, size);
  }

  /**
   * Hands out all changes and attributes in the order written.
   *
   * @throws DecodeException if the body breaks the grammar; changes before that were handed out
   */
  public void forEachChange(CommitChanges changes) {
    int end = start + size;
    int at = start + RecordFormat.FUNCTION + functionBytes();
    while (at < end) {
      require(end - at >= RecordFormat.SECTION_BYTES, "section header", at);
      int tag = bytes[at] & 0xff;
      int payload = at + RecordFormat.SECTION_BYTES;
      int payloadBytes = LittleEndian.getInt(bytes, at + 1);
      require(payloadBytes >= 0 && payloadBytes <= end - payload, "section of its size", at);
      int payloadEnd = payload + payloadBytes;
      switch (tag) {
        case RecordFormat.DELETED, RecordFormat.INSERTED -> rows(tag, payload, payloadEnd, changes);
        case RecordFormat.SEQUENCES -> sequences(payload, payloadEnd, changes);
        default -> {
          require(tag >= RecordFormat.ATTRIBUTE_MIN, "known section tag, got " + tag, at);
          changes.attribute(tag, bytes, payload, payloadBytes);
        }
      }
      at = payloadEnd;
    }
  }

  private void rows(int tag, int payload, int end, CommitChanges changes) {
    require(end - payload >= 8, "table and row count", payload);
    int tableId = LittleEndian.getInt(bytes, payload);
    long rows = Integer.toUnsignedLong(LittleEndian.getInt(bytes, payload + 4));
    int at = payload + 8;
    for (long row = 0; row < rows; row++) {
      int length = 0;
      int shift = 0;
      byte part;
      do {
        require(at < end && shift <= 28, "row length", at);
        part = bytes[at++];
        length |= (part & 0x7f) << shift;
        shift += 7;
      } while (part < 0);
      require(length >= 0 && length <= end - at, "row of its length", at);
      if (tag == RecordFormat.DELETED) {
        changes.deletedRow(tableId, bytes, at, length);
      } else {
        changes.insertedRow(tableId, bytes, at, length);
      }
      at += length;
    }
    require(at == end, "end of section", at);
  }

  private void sequences(int payload, int end, CommitChanges changes) {
    require(end - payload >= 4, "sequence count", payload);
    long count = Integer.toUnsignedLong(LittleEndian.getInt(bytes, payload));
    int at = payload + 4;
    require(count * RecordFormat.SEQUENCE_BYTES == end - at, "sequences of their count", payload);
    for (; at < end; at += RecordFormat.SEQUENCE_BYTES) {
      changes.sequence(
          LittleEndian.getInt(bytes, at),
          LittleEndian.getLong(bytes, at + 12),
          LittleEndian.getLong(bytes, at + 4));
    }
  }

  private void require(boolean holds, String expected, int at) {
    if (!holds) {
      throw new DecodeException(
          "commit record of %s at tx offset %d: expected %s at byte %d of %d"
              .formatted(key(), offsetValue(), expected, at - start, size));
    }
  }

  @Override
  public String toString() {
    return "%s epoch %d tx offset %d `%s`"
        .formatted(key(), epochValue(), offsetValue(), function());
  }
}
