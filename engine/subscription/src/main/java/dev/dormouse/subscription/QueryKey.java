package dev.dormouse.subscription;

import dev.dormouse.sats.Identity;
import java.util.Optional;

/**
 * What makes two queries the same: the trimmed text, and whose query it is if its result depends on
 * that. Source: spec sql-and-subscriptions §12.
 */
record QueryKey(String text, Optional<Identity> caller) implements Comparable<QueryKey> {
  static QueryKey shared(String text) {
    return new QueryKey(text, Optional.empty());
  }

  static QueryKey of(String text, Identity caller) {
    return new QueryKey(text, Optional.of(caller));
  }

  // A HashMap with keys that collide on purpose orders them.
  @Override
  public int compareTo(QueryKey other) {
    int order = text.compareTo(other.text);
    if (order == 0 && caller.isPresent() && other.caller.isPresent()) {
      return caller.get().compareTo(other.caller.get());
    }
    return order == 0 ? Boolean.compare(caller.isPresent(), other.caller.isPresent()) : order;
  }
}
