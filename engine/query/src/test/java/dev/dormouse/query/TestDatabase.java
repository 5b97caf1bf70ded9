package dev.dormouse.query;

import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.datastore.Outcome;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.List;

/** A datastore with some tables. */
final class TestDatabase {
  private final Datastore store =
      Datastore.bootstrap(new DatastoreOptions(Identity.ZERO, 7, DatastoreLimits.DEFAULTS));

  static TestDatabase with(TestTable... tables) {
    TestDatabase database = new TestDatabase();
    Transaction transaction = database.store.begin();
    for (TestTable table : tables) {
      transaction.createTable(table.build());
    }
    transaction.merge();
    return database;
  }

  ReadView committed() {
    return store.committed();
  }

  Transaction begin() {
    return store.begin();
  }

  /** Inserts a row in a transaction of its own, unless a unique column forbids it. */
  Outcome insert(String table, AlgebraicValue... columns) {
    TableSchema schema = committed().tableByName(table).orElseThrow();
    byte[] row = Bsatn.INLINED.toBytes(schema.rowType(), AlgebraicValue.Product.of(columns));
    Transaction transaction = store.begin();
    Outcome outcome = transaction.insert(schema.id(), row, 0, row.length);
    transaction.merge();
    return outcome;
  }

  /** All rows of a table, decoded. */
  List<List<AlgebraicValue>> rows(String table) {
    TableSchema schema = committed().tableByName(table).orElseThrow();
    List<List<AlgebraicValue>> rows = new ArrayList<>();
    var cursor = (dev.dormouse.datastore.RowCursor) committed().scan(schema.id());
    while (cursor.next()) {
      byte[] row =
          java.util.Arrays.copyOfRange(
              cursor.buffer(), cursor.offset(), cursor.offset() + cursor.length());
      rows.add(((AlgebraicValue.Product) Bsatn.INLINED.read(schema.rowType(), row)).elements());
    }
    return rows;
  }
}
