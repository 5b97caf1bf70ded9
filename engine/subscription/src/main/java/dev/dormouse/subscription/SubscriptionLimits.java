package dev.dormouse.subscription;

import dev.dormouse.query.Budget;
import dev.dormouse.sats.MemoryAccount;
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
 * @param keptRowsBytesMax bytes of encoded rows that are kept for who subscribes to the same; what
 *     was asked for longest ago goes first
 * @param changeBytesMax heap that the changes of one transaction may take in all distinct queries
 *     together, about twice the bytes of each row for each query that it matches; the query sets of
 *     those beyond are dropped
 */
public record SubscriptionLimits(
    int setsPerSubscriberMax,
    int queriesPerSetMax,
    int plansMax,
    long initialBytesMax,
    long initialRowsScannedMax,
    Duration initialTimeMax,
    long keptRowsBytesMax,
    long changeBytesMax) {
  /** Figures for a node of ordinary size. */
  public static final SubscriptionLimits DEFAULT =
      new SubscriptionLimits(
          1_000, 1_000, 100_000, 64 << 20, 10_000_000, Duration.ofSeconds(5), 16 << 20, 512L << 20);

  public SubscriptionLimits {
    if (setsPerSubscriberMax <= 0 || queriesPerSetMax <= 0 || plansMax < queriesPerSetMax) {
      throw new IllegalArgumentException(
          "%d sets per subscriber, %d queries per set, %d plans: a database must hold the plans of one set"
              .formatted(setsPerSubscriberMax, queriesPerSetMax, plansMax));
    }
    if (changeBytesMax <= 0) {
      throw new IllegalArgumentException(
          "%d bytes that a transaction may change, must be at least 1".formatted(changeBytesMax));
    }
    if (keptRowsBytesMax < 0) {
      throw new IllegalArgumentException(
          "%d bytes of rows to keep, must be 0 or more".formatted(keptRowsBytesMax));
    }
    if (initialBytesMax <= 0 || initialRowsScannedMax <= 0 || !initialTimeMax.isPositive()) {
      throw new IllegalArgumentException(
          "a request may return %d bytes, look at %d rows, take %s"
              .formatted(initialBytesMax, initialRowsScannedMax, initialTimeMax));
    }
  }

  Budget budget(LongSupplier nanos, MemoryAccount memory) {
    return new Budget(
        initialRowsScannedMax,
        initialBytesMax,
        initialTimeMax,
        nanos,
        memory,
        Budget.MESSAGE_COPIES);
  }
}
