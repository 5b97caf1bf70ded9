package dev.dormouse.runtimenode.databases;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Answers of the catalog that are kept until they change. What was asked before a change and
 * answered after it is not kept, so that nothing stays stale. Thread safe.
 *
 * @param <K> what is asked for
 * @param <V> the answer; that there is none is not kept
 */
final class KeptAnswers<K, V> {
  private final int max;
  private final ConcurrentHashMap<K, V> kept = new ConcurrentHashMap<>();
  private long changes; // Guarded by this.

  /**
   * Nothing yet.
   *
   * @param max answers kept; at the limit all are dropped
   */
  KeptAnswers(int max) {
    this.max = max;
  }

  /** The answer that is kept; asks nobody. */
  Optional<V> kept(K key) {
    return Optional.ofNullable(kept.get(key));
  }

  /** The answer that is kept, or else the one that is given, which blocks nobody else. */
  Optional<V> find(K key, Function<K, Optional<V>> ask) {
    Optional<V> known = kept(key);
    if (known.isPresent()) {
      return known;
    }
    long before = changes();
    Optional<V> found = ask.apply(key);
    found.ifPresent(answer -> keep(key, answer, before));
    return found;
  }

  /** How many changes there have been; to be asked for before the catalog is. */
  synchronized long changes() {
    return changes;
  }

  /** Keeps an answer, unless something has changed since. */
  synchronized void keep(K key, V answer, long before) {
    if (changes != before) {
      return; // It may have been this one that changed.
    }
    if (kept.size() >= max) {
      kept.clear();
    }
    kept.put(key, answer);
  }

  /** An answer has changed. */
  synchronized void forget(K key) {
    changes++;
    kept.remove(key);
  }

  /** Any answer may have changed. */
  synchronized void forgetAll() {
    changes++;
    kept.clear();
  }
}
