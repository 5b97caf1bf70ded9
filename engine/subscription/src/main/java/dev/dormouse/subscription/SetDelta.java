package dev.dormouse.subscription;

import java.util.List;

/**
 * What one transaction changed in one query set.
 *
 * @param tables ascending by name; the list may be shared with other sets
 */
public record SetDelta<U>(QuerySetId id, List<TableDelta<U>> tables) {
  public SetDelta {
    tables = List.copyOf(tables);
  }
}
