package dev.dormouse.database;

import dev.dormouse.subscription.QuerySetId;
import java.util.List;

/** A query set that a client holds, as it asked for it. */
public record HeldSet(QuerySetId id, List<String> queries) {
  public HeldSet {
    queries = List.copyOf(queries);
  }
}
