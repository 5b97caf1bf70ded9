package dev.dormouse.subscription;

import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.module.IndexAlgorithm;
import dev.dormouse.sats.module.TableDef;
import dev.dormouse.sats.module.TableDef.ColumnDef;
import dev.dormouse.sats.module.TableDef.IndexDef;
import dev.dormouse.sats.module.TableDef.UniqueDef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** A datastore with some tables, and registries that hear of its transactions. */
final class TestDatabase {
  private final Datastore store =
      Datastore.bootstrap(new DatastoreOptions(Identity.ZERO, 7, DatastoreLimits.DEFAULTS));

  /** What kind of table; a keyed one has a unique index on its first column. */
  enum Kind {
    PLAIN,
    KEYED,
    EVENT,
    SECRET
  }

  /** Creates a table with columns c0, c1, … of these types. */
  TestDatabase table(String name, Kind kind, AlgebraicType... types) {
    List<ColumnDef> columns = new ArrayList<>();
    for (AlgebraicType type : types) {
      String column = "c" + columns.size();
      columns.add(new ColumnDef(column, column, type, Optional.empty()));
    }
    boolean keyed = kind == Kind.KEYED;
    TableDef definition =
        new TableDef(
            name,
            name,
            kind != Kind.SECRET,
            kind == Kind.EVENT,
            columns,
            OptionalInt.empty(),
            keyed
                ? List.of(
                    new IndexDef(
                        name + "_c0_idx_btree",
                        name + "_c0_idx_btree",
                        Optional.empty(),
                        new IndexAlgorithm.BTree(List.of(0))))
                : List.of(),
            keyed ? List.of(new UniqueDef(name + "_c0_key", List.of(0))) : List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            0);
    Transaction transaction = store.begin();
    transaction.createTable(definition);
    transaction.merge();
    return this;
  }

  ReadView committed() {
    return store.committed();
  }

  TableSchema schema(String table) {
    return committed().tableByName(table).orElseThrow();
  }

  /** Runs a transaction and returns what a registry made of it. */
  <S, R, U> Deltas<S, U> commit(
      SubscriptionRegistry<S, R, U> registry, Consumer<Transaction> work) {
    Transaction transaction = store.begin();
    work.accept(transaction);
    Deltas<S, U> deltas = registry.evaluate(transaction.changes());
    transaction.merge();
    return deltas;
  }

  byte[] row(String table, AlgebraicValue... columns) {
    return Bsatn.INLINED.toBytes(schema(table).rowType(), AlgebraicValue.Product.of(columns));
  }

  void insert(Transaction transaction, String table, AlgebraicValue... columns) {
    byte[] row = row(table, columns);
    transaction.insert(schema(table).id(), row, 0, row.length);
  }

  /** Replaces the row with the same key in a keyed table. */
  void update(Transaction transaction, String table, AlgebraicValue... columns) {
    byte[] row = row(table, columns);
    TableSchema schema = schema(table);
    transaction.update(schema.id(), schema.indexes().getFirst().id(), row, 0, row.length);
  }

  void delete(Transaction transaction, String table, AlgebraicValue... columns) {
    byte[] row = row(table, columns);
    int id = schema(table).id();
    long pointer = transaction.findRow(id, row, 0, row.length);
    if (pointer == ReadView.NO_ROW || !transaction.delete(id, (int) pointer)) {
      throw new IllegalStateException("no such row in " + table);
    }
  }

  /** A cursor over what a transaction sees of a table. */
  RowCursor scan(ReadView view, String table) {
    return (RowCursor) view.scan(schema(table).id());
  }
}
