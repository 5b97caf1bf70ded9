package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnWriter;

/**
 * The complete rows of one query, encoded once (SingleTableRows) and spliced into any number of
 * messages. Immutable. Source: spec client-protocol §9.
 */
public final class EncodedTableRows {
  private final byte[] bytes;
  private final int rowCount;

  private EncodedTableRows(byte[] bytes, int rowCount) {
    this.bytes = bytes;
    this.rowCount = rowCount;
  }

  /**
   * Encodes rows, none included: a query without matching row still has an entry.
   *
   * @param table the table's canonical name, never an alias
   */
  public static EncodedTableRows of(String table, RowListWriter rows) {
    BsatnWriter out = new BsatnWriter(table.length() + rows.rowBytes() + 16);
    out.writeString(table);
    rows.writeTo(out);
    return new EncodedTableRows(out.toByteArray(), rows.rowCount());
  }

  /** Rows in it. */
  public int rowCount() {
    return rowCount;
  }

  /** Bytes it takes in a message, and on the heap. */
  public int size() {
    return bytes.length;
  }

  void writeTo(BsatnWriter out) {
    out.writeRaw(bytes);
  }
}
