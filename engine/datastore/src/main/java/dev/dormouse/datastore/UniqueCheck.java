package dev.dormouse.datastore;

import dev.dormouse.sats.EngineException;
import java.util.Arrays;

/** Looks for rows with equal keys where an index has become unique. */
final class UniqueCheck {
  private UniqueCheck() {}

  /** Checks the visible rows of a table by its unique indexes, but for those it had before. */
  static void check(Table table, Index[] before) {
    for (Index index : table.unique) {
      IndexSchema schema = index.schema;
      if (schema != null && !Arrays.asList(before).contains(index)) {
        check(table, schema);
      }
    }
  }

  private static void check(Table table, IndexSchema index) {
    KeyEncoding encoding = table.schema.keyEncoding(index);
    TableOverlay overlay = table.overlay;
    KeyBuffer key = new KeyBuffer();
    byte[][] keys =
        new byte[Math.toIntExact(table.rowCount - overlay.goneCount() + overlay.liveCount())][];
    int count = 0;
    RowCursor cursor = new ScanCursor(table.pages, overlay);
    while (cursor.next()) {
      encoding.encodeRow(cursor.buffer(), cursor.offset(), key);
      overlay.charge(key.length + 16L);
      keys[count++] = key.copy();
    }
    Arrays.sort(keys, Arrays::compareUnsigned);
    for (int i = 1; i < count; i++) {
      if (Arrays.equals(keys[i - 1], keys[i])) {
        throw EngineException.tenant(
            "index %s cannot be unique: two rows of table %s have the same key"
                .formatted(index.name(), table.schema.name()));
      }
    }
  }
}
