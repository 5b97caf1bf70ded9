package dev.dormouse.subscription;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one transaction means to subscribers. Those without a change do not appear.
 *
 * @param <S> the subscriber
 * @param <U> the encoded change of one query
 */
public final class Deltas<S, U> {
  private final Map<S, List<SetDelta<U>>> updates;
  private final List<DroppedSet<S>> dropped;
  private final long plansAsked;

  Deltas(Map<S, List<SetDelta<U>>> updates, List<DroppedSet<S>> dropped, long plansAsked) {
    this.updates = Collections.unmodifiableMap(new LinkedHashMap<>(updates));
    this.dropped = List.copyOf(dropped);
    this.plansAsked = plansAsked;
  }

  /** Per subscriber the changed sets, ascending by id. The order of subscribers means nothing. */
  public Map<S, List<SetDelta<U>>> updates() {
    return updates;
  }

  /** The changed sets of one subscriber, ascending by id. */
  public List<SetDelta<U>> of(S subscriber) {
    return updates.getOrDefault(subscriber, List.of());
  }

  /** Sets whose evaluation failed; to be reported before this transaction's updates. */
  public List<DroppedSet<S>> dropped() {
    return dropped;
  }

  /** How many times a plan looked at a changed row: what the evaluation cost. */
  public long plansAsked() {
    return plansAsked;
  }
}
