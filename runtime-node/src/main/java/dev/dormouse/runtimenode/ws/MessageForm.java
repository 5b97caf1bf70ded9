package dev.dormouse.runtimenode.ws;

import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.protocol.EncodedTableRows;
import dev.dormouse.protocol.EncodedTableUpdate;
import dev.dormouse.protocol.RowListWriter;
import dev.dormouse.query.Rows;
import dev.dormouse.subscription.WireForm;
import java.util.OptionalInt;

/** Rows as versions 2 and 3 of the protocol write them: encoded once, spliced into any message. */
final class MessageForm implements WireForm<EncodedRows, EncodedUpdate> {
  /** The one instance, for all connections of all databases. */
  static final MessageForm INSTANCE = new MessageForm();

  /** The complete rows of one query. */
  record QueryRows(EncodedTableRows table) implements EncodedRows {}

  /** What a transaction changed in one query. */
  record QueryUpdate(EncodedTableUpdate table) implements EncodedUpdate {}

  private MessageForm() {}

  @Override
  public EncodedRows rows(TableSchema table, Rows rows) {
    return new QueryRows(EncodedTableRows.of(table.name(), list(table, rows)));
  }

  @Override
  public EncodedUpdate update(TableSchema table, Rows inserted, Rows deleted) {
    return new QueryUpdate(
        table.isEvent()
            ? EncodedTableUpdate.events(table.name(), list(table, inserted))
            : EncodedTableUpdate.persistent(
                table.name(), list(table, inserted), list(table, deleted)));
  }

  private static RowListWriter list(TableSchema table, Rows rows) {
    RowListWriter list = new RowListWriter();
    OptionalInt size = table.shape().fixedSize();
    if (size.isPresent()) {
      list.beginFixed(size.getAsInt());
    } else {
      list.begin();
    }
    rows.forEach(list::addRow);
    return list;
  }
}
