package dev.dormouse.datastore;

import dev.dormouse.sats.module.IndexAlgorithm;
import java.util.List;

/**
 * An index of a table.
 *
 * @param name canonical
 * @param alias the name in the module's source
 * @param unique whether a unique constraint has the same set of columns
 */
public record IndexSchema(
    int id, int tableId, String name, String alias, IndexAlgorithm algorithm, boolean unique) {
  /** The key's columns, in the key's order. */
  public List<Integer> columns() {
    return algorithm.columns();
  }

  /** Whether it can be scanned in ranges. */
  public boolean isOrdered() {
    return !(algorithm instanceof IndexAlgorithm.Hash);
  }
}
