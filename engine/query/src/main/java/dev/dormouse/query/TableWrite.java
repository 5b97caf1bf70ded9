package dev.dormouse.query;

import dev.dormouse.datastore.Outcome;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.RowShape;
import java.util.Map;

/**
 * A statement that writes to one table, compiled against one schema. Immutable; valid until the
 * schema changes. Source: spec sql-and-subscriptions §8.
 */
public final class TableWrite implements AdHocStatement {
  /** What is done. */
  sealed interface Action {
    /** Rows are inserted. */
    record Insertion(RowList rows) implements Action {}

    /** Columns of the rows that match are set to constants. */
    record Replacement(TableQuery matching, Map<Integer, Constant> constants) implements Action {
      public Replacement {
        constants = Map.copyOf(constants);
      }
    }

    /** The rows that match are deleted. */
    record Deletion(TableQuery matching) implements Action {}
  }

  private final TableSchema table;
  private final Action action;

  TableWrite(TableSchema table, Action action) {
    this.table = table;
    this.action = action;
  }

  /** The table. */
  public TableSchema table() {
    return table;
  }

  /**
   * Does it.
   *
   * @param transaction open; to be rolled back if this throws
   * @throws dev.dormouse.sats.EngineException if a unique column forbids it or the budget does not
   *     suffice
   */
  public WriteCounts run(Transaction transaction, Budget budget) {
    return switch (action) {
      case Action.Insertion(RowList rows) -> new WriteCounts(insert(rows, transaction), 0, 0);
      case Action.Deletion(TableQuery matching) ->
          new WriteCounts(
              0,
              matching.forEachMatch(
                  transaction, budget, row -> transaction.delete(table.id(), row.rowPointer())),
              0);
      case Action.Replacement(TableQuery matching, Map<Integer, Constant> constants) -> {
        RowList replacements = new RowList();
        BsatnWriter replacement = new BsatnWriter();
        long matched =
            matching.forEachMatch(
                transaction,
                budget,
                row -> {
                  replacement.reset();
                  replace(row, constants, replacement);
                  budget.returned(replacement.size());
                  replacements.row(replacement.array(), 0, replacement.size());
                  transaction.delete(table.id(), row.rowPointer());
                });
        insert(replacements, transaction);
        yield new WriteCounts(0, 0, matched);
      }
    };
  }

  private void replace(RowCursor row, Map<Integer, Constant> constants, BsatnWriter out) {
    RowShape shape = table.shape();
    int from = row.offset();
    for (int column = 0; column < shape.columnCount(); column++) {
      int end = shape.columnEnd(row.buffer(), from, column);
      Constant constant = constants.get(column);
      if (constant == null) {
        out.writeRaw(row.buffer(), from, end - from);
      } else {
        out.writeRaw(constant.bytes());
      }
      from = end;
    }
  }

  private long insert(RowList rows, Transaction transaction) {
    long added = 0;
    for (int i = 0; i < rows.count(); i++) {
      Outcome outcome =
          transaction.insert(table.id(), rows.array(), rows.offset(i), rows.length(i));
      switch (outcome) {
        case DONE -> added++;
        case UNCHANGED -> {
          // Tables are sets: the row was there.
        }
        case UNIQUE_ALREADY_EXISTS -> throw Refusals.uniqueViolation(table.name());
        case BSATN_DECODE_ERROR,
            NO_SUCH_TABLE,
            NO_SUCH_INDEX,
            WRONG_INDEX_ALGORITHM,
            INDEX_NOT_UNIQUE,
            NO_SUCH_ROW ->
            throw new IllegalStateException("a write of another schema: " + outcome);
      }
    }
    return added;
  }
}
