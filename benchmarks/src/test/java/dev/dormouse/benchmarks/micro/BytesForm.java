package dev.dormouse.benchmarks.micro;

import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.Rows;
import dev.dormouse.subscription.WireForm;

/** Rows one behind the other: as much work as a protocol's form, without its envelope. */
final class BytesForm implements WireForm<EncodedRows, EncodedUpdate> {
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Encoded(byte[] bytes) implements EncodedRows, EncodedUpdate {}

  @Override
  public EncodedRows rows(TableSchema table, Rows rows) {
    return encoded(rows, Rows.NONE);
  }

  @Override
  public EncodedUpdate update(TableSchema table, Rows inserted, Rows deleted) {
    return encoded(inserted, deleted);
  }

  private static Encoded encoded(Rows first, Rows second) {
    byte[] bytes = new byte[Math.toIntExact(first.bytes() + second.bytes())];
    int[] at = {0};
    for (Rows rows : new Rows[] {first, second}) {
      rows.forEach(
          (row, offset, length) -> {
            System.arraycopy(row, offset, bytes, at[0], length);
            at[0] += length;
          });
    }
    return new Encoded(bytes);
  }
}
