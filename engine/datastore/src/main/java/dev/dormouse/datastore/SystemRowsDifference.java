package dev.dormouse.datastore;

import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Changes the rows that describe a table into those that describe what it is to be. */
final class SystemRowsDifference {
  /** A row's table and its bytes, compared by value. */
  private record SystemRow(int tableId, Bytes bytes) {}

  private final Transaction transaction;

  SystemRowsDifference(Transaction transaction) {
    this.transaction = transaction;
  }

  private static List<SystemRow> describe(TableSchema schema) {
    List<SystemRow> rows = new ArrayList<>();
    new SystemRows((tableId, row) -> rows.add(new SystemRow(tableId, new Bytes(row.toByteArray()))))
        .describe(schema, true);
    return rows;
  }

  /** Writes the difference between two descriptions. */
  void rewrite(TableSchema before, TableSchema after) {
    List<SystemRow> old = describe(before);
    List<SystemRow> wanted = describe(after);
    Set<SystemRow> kept = new HashSet<>(old);
    kept.retainAll(wanted);
    old.stream().filter(row -> !kept.contains(row)).forEach(this::delete);
    wanted.stream().filter(row -> !kept.contains(row)).forEach(this::insert);
  }

  /** Deletes a description. */
  void remove(TableSchema schema) {
    describe(schema).forEach(this::delete);
  }

  private void insert(SystemRow row) {
    byte[] bytes = row.bytes.toByteArray();
    if (transaction.insert(row.tableId, bytes, 0, bytes.length) != Outcome.DONE) {
      throw EngineException.tenant(
          "%s already has an equal name".formatted(SystemTables.ALL.get(row.tableId - 1).name()));
    }
  }

  private void delete(SystemRow row) {
    byte[] bytes = row.bytes.toByteArray();
    long pointer = transaction.findRow(row.tableId, bytes, 0, bytes.length);
    if (pointer == ReadView.NO_ROW || !transaction.delete(row.tableId, (int) pointer)) {
      throw new IllegalStateException(
          "no such row in " + SystemTables.ALL.get(row.tableId - 1).name());
    }
  }
}
