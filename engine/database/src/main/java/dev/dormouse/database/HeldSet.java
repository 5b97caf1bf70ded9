package dev.dormouse.database;

import dev.dormouse.subscription.QuerySetId;
import java.util.List;

/** A query set that a client holds, as it asked for it. */
public record HeldSet(QuerySetId id, List<String> queries) {
  public HeldSet {
    queries = List.copyOf(queries);
  }

  /** Heap that a text takes besides its characters, about. */
  private static final int TEXT_BYTES = 48;

  /** Heap that its texts take, in bytes and about. */
  public long bytes() {
    long bytes = 0;
    for (String query : queries) {
      bytes += TEXT_BYTES + (long) Character.BYTES * query.length();
    }
    return bytes;
  }
}
