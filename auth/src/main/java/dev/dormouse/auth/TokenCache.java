package dev.dormouse.auth;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Verified tokens by their text, bounded. Two generations: when the young one is full it becomes
 * the old one, and what the old one held is forgotten; a token used meanwhile moves to the young
 * one. So a lookup takes no lock, and what is used often stays.
 */
final class TokenCache {
  private final int youngMax;

  private volatile Generations generations =
      new Generations(0, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());

  private record Generations(
      int number, ConcurrentHashMap<String, Entry> young, ConcurrentHashMap<String, Entry> old) {}

  /**
   * An entry.
   *
   * @param untilNanos time on the caller's monotonic clock at which the entry is not good any more
   */
  record Entry(VerifiedToken token, long untilNanos) {}

  TokenCache(int entriesMax) {
    this.youngMax = entriesMax / 2;
  }

  Optional<Entry> find(String token) {
    Generations now = generations;
    Entry young = now.young().get(token);
    if (young != null) {
      return Optional.of(young);
    }
    Entry old = now.old().remove(token);
    if (old == null) {
      return Optional.empty();
    }
    put(token, old);
    return Optional.of(old);
  }

  void put(String token, Entry entry) {
    Generations now = generations;
    if (now.young().size() >= youngMax) {
      now = age(now);
    }
    now.young().put(token, entry);
  }

  int size() {
    Generations now = generations;
    return now.young().size() + now.old().size();
  }

  private synchronized Generations age(Generations seen) {
    if (generations.number() == seen.number()) {
      generations = new Generations(seen.number() + 1, new ConcurrentHashMap<>(), seen.young());
    }
    return generations;
  }
}
