package dev.dormouse.simulation;

import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.Rows;
import dev.dormouse.subscription.WireForm;
import java.util.ArrayList;
import java.util.List;

/** The wire form of simulated apps: rows as values. */
final class PlainForm implements WireForm<EncodedRows, EncodedUpdate> {
  static final PlainForm INSTANCE = new PlainForm();

  private PlainForm() {}

  /** The rows of one query. */
  record Selected(String table, List<Row> rows) implements EncodedRows {}

  /** What a commit changed in one query. */
  record Changed(String table, List<Row> inserted, List<Row> deleted) implements EncodedUpdate {}

  @Override
  public EncodedRows rows(TableSchema table, Rows rows) {
    return new Selected(table.name(), listed(rows));
  }

  @Override
  public EncodedUpdate update(TableSchema table, Rows inserted, Rows deleted) {
    return new Changed(table.name(), listed(inserted), listed(deleted));
  }

  static List<Row> listed(Rows rows) {
    List<Row> list = new ArrayList<>(rows.count());
    rows.forEach((bytes, offset, length) -> list.add(new Row(bytes, offset, length)));
    return list;
  }
}
