package dev.dormouse.subscription;

import dev.dormouse.query.Budget;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What subscriptions of one database may use.
 *
 * @param setsPerSubscriberMax query sets of one connection
 * @param queriesPerSetMax queries of one set, those that {@code SELECT * FROM *} stands for
 *     included
 * @param plansMax distinct queries of all subscribers together
 * @param initialBytesMax bytes of rows that one request may return
 * @param initialRowsScannedMax rows that one request may look at
 * @param initialTimeMax how long one request may take
 */
public record SubscriptionLimits(
    int setsPerSubscriberMax,
    int queriesPerSetMax,
    int plansMax,
    long initialBytesMax,
    long initialRowsScannedMax,
    Duration initialTimeMax) {
  /** Figures for a node of ordinary size. */
  public static final SubscriptionLimits DEFAULT =
      new SubscriptionLimits(1_000, 1_000, 100_000, 64 << 20, 10_000_000, Duration.ofSeconds(5));

  public SubscriptionLimits {
    if (setsPerSubscriberMax <= 0 || queriesPerSetMax <= 0 || plansMax < queriesPerSetMax) {
      throw new IllegalArgumentException(
          "%d sets per subscriber, %d queries per set, %d plans: a database must hold the plans of one set"
              .formatted(setsPerSubscriberMax, queriesPerSetMax, plansMax));
    }
    if (initialBytesMax <= 0 || initialRowsScannedMax <= 0 || !initialTimeMax.isPositive()) {
      throw new IllegalArgumentException(
          "a request may return %d bytes, look at %d rows, take %s"
              .formatted(initialBytesMax, initialRowsScannedMax, initialTimeMax));
    }
  }

  Budget budget(LongSupplier nanos) {
    return new Budget(initialRowsScannedMax, initialBytesMax, initialTimeMax, nanos);
  }
}
