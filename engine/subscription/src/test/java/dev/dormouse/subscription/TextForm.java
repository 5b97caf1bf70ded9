package dev.dormouse.subscription;

import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.Rows;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/** A wire form to look at; counts how often it encodes, and can be told to fail. */
final class TextForm implements WireForm<TextForm.TableRows, TextForm.Update> {
  /** The rows of one query as hex, sorted. */
  record TableRows(String table, List<String> rows) {}

  /** The change of one query as hex, sorted. */
  record Update(String table, boolean event, List<String> inserted, List<String> deleted) {}

  private int updates;
  private int lists;
  private String failingTable = "";

  /** Encoded changes so far. */
  int updates() {
    return updates;
  }

  /** Encoded complete rows so far. */
  int lists() {
    return lists;
  }

  void failOn(String table) {
    failingTable = table;
  }

  @Override
  public TableRows rows(TableSchema table, Rows rows) {
    lists++;
    return new TableRows(table.name(), hex(rows));
  }

  @Override
  public Update update(TableSchema table, Rows inserted, Rows deleted) {
    updates++;
    if (table.name().equals(failingTable)) {
      throw EngineException.tenant("changes of " + failingTable + " cannot be sent");
    }
    return new Update(table.name(), table.isEvent(), hex(inserted), hex(deleted));
  }

  static List<String> hex(Rows rows) {
    List<String> hex = new ArrayList<>();
    rows.forEach(
        (bytes, offset, length) ->
            hex.add(HexFormat.of().formatHex(bytes, offset, offset + length)));
    if (hex.size() != rows.count()
        || rows.bytes() != hex.stream().mapToLong(row -> row.length() / 2).sum()) {
      throw new IllegalStateException("rows count wrongly");
    }
    Collections.sort(hex);
    return hex;
  }
}
