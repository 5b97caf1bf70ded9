package dev.dormouse.query;

import dev.dormouse.datastore.IndexSchema;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.datastore.TableSchema.ColumnSchema;
import dev.dormouse.query.AccessPath.IndexPoint;
import dev.dormouse.query.Scope.Field;
import dev.dormouse.sats.BsatnWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tables as callers may see them, and the names of their columns. */
final class TableScopes {
  private final QueryLimits limits;

  TableScopes(QueryLimits limits) {
    this.limits = limits;
  }

  /** The table of a name: canonical, else in the module's source. Source: spec §2, §9. */
  TableSchema table(String name, ReadView view, Caller caller) {
    Optional<TableSchema> table =
        view.tableByName(name)
            .or(() -> view.tableByAccessor(name))
            .filter(found -> isReadable(found, caller));
    if (table.isEmpty()) {
      throw Refusals.unknownTable(name, limits);
    }
    if (table.get().view().isPresent()) {
      throw Refusals.notBuilt("queries of views are");
    }
    // Showing all rows where rules would show some is worse than showing none.
    if (!caller.owner() && isRestricted(table.get(), view)) {
      throw Refusals.notBuilt("queries of tables with row-level security are");
    }
    return table.get();
  }

  /** Whether rules restrict which rows others than the owner see. */
  static boolean isRestricted(TableSchema table, ReadView view) {
    TableSchema rules = view.table(SystemTables.ST_ROW_LEVEL_SECURITY).orElseThrow();
    IndexSchema byTable =
        rules.indexes().stream()
            .filter(index -> index.columns().equals(List.of(0)))
            .findFirst()
            .orElseThrow();
    byte[] key = new BsatnWriter().writeI32(table.id()).toByteArray();
    return new IndexPoint(byTable.id(), false, key).open(view).next();
  }

  static boolean isReadable(TableSchema table, Caller caller) {
    return table.isPublic() || caller.owner();
  }

  /** The columns that SQL can see, in order. */
  List<Field> fields(TableSchema table) {
    List<Field> fields = new ArrayList<>();
    for (ColumnSchema column : table.columns()) {
      int position = fields.size();
      boolean comparable =
          table.id() != SystemTables.ST_MODULE || position != SystemTables.PROGRAM_BYTES_COLUMN;
      fields.add(new Field(position, column.name(), column.accessor(), column.type(), comparable));
    }
    return fields;
  }

  /**
   * The scope of one table.
   *
   * @param relation the alias, or the table's name as it was written
   */
  Scope scope(String relation, TableSchema table) {
    return new Scope(relation, fields(table), limits);
  }
}
