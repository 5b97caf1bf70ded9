package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What one transaction changed in one query, encoded once (TableUpdateRows) and spliced into any
 * number of messages. Immutable. Source: spec client-protocol §9.
 */
public final class EncodedTableUpdate {
  static final int PERSISTENT_TABLE = 0;
  static final int EVENT_TABLE = 1;

  private final String table;
  private final byte[] tableUtf8;
  private final byte[] bytes;
  private final int rowCount;

  private EncodedTableUpdate(String table, byte[] bytes, int rowCount) {
    this.table = table;
    this.tableUtf8 = table.getBytes(StandardCharsets.UTF_8);
    this.bytes = bytes;
    this.rowCount = rowCount;
  }

  /**
   * Encodes inserts and deletes; an updated row is one of each, and its deleted bytes are those
   * that were sent when it was inserted.
   *
   * @param table the table's canonical name, never an alias
   */
  public static EncodedTableUpdate persistent(
      String table, RowListWriter inserts, RowListWriter deletes) {
    BsatnWriter out = new BsatnWriter(inserts.rowBytes() + deletes.rowBytes() + 32);
    out.writeTag(PERSISTENT_TABLE);
    inserts.writeTo(out);
    deletes.writeTo(out);
    return new EncodedTableUpdate(
        table, out.toByteArray(), inserts.rowCount() + deletes.rowCount());
  }

  /** Encodes the rows of an event table, which are never deleted. */
  public static EncodedTableUpdate events(String table, RowListWriter events) {
    BsatnWriter out = new BsatnWriter(events.rowBytes() + 16);
    out.writeTag(EVENT_TABLE);
    events.writeTo(out);
    return new EncodedTableUpdate(table, out.toByteArray(), events.rowCount());
  }

  /** The table's canonical name. */
  public String table() {
    return table;
  }

  /** Rows in it, inserted and deleted. */
  public int rowCount() {
    return rowCount;
  }

  /** Bytes it takes in a message besides the table's name, and on the heap. */
  public int size() {
    return bytes.length;
  }

  boolean sameTable(EncodedTableUpdate other) {
    return Arrays.equals(tableUtf8, other.tableUtf8);
  }

  void writeNameTo(BsatnWriter out) {
    out.writeBytes(tableUtf8);
  }

  void writeTo(BsatnWriter out) {
    out.writeRaw(bytes);
  }
}
