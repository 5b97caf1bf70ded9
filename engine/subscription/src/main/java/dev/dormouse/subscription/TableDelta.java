package dev.dormouse.subscription;

import dev.dormouse.datastore.TableSchema;
import java.util.List;

/**
 * What one transaction changed in the queries of one set that return rows of one table.
 *
 * @param updates one per query with a change, in the order of the set's queries
 */
public record TableDelta<U>(TableSchema table, List<U> updates) {
  public TableDelta {
    updates = List.copyOf(updates);
  }
}
