package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import java.time.Duration;

/**
 * Every bound of one awake database, in one place.
 *
 * @param queuedRequests requests waiting for the lane; one more is refused
 * @param queuedBytes of what callers have sent with the requests waiting for the lane; a request
 *     that does not fit is refused, unless it is alone
 * @param drainRequests requests executed before the lane gives its thread back
 * @param argumentBytes encoded arguments of one call
 * @param callCpu CPU time of the thread that one call of the module may take
 * @param sqlRows rows one query may look at
 * @param sqlResultBytes bytes one query may return
 * @param sqlTime time one query may take, since the lane waits for it
 * @param logLineBytes UTF-8 bytes of one log message; the rest is cut off
 * @param logLinesPerCall log lines one call may write; later ones are dropped with one note
 */
public record DatabaseLimits(
    int queuedRequests,
    long queuedBytes,
    int drainRequests,
    int argumentBytes,
    Duration callCpu,
    long sqlRows,
    long sqlResultBytes,
    Duration sqlTime,
    int logLineBytes,
    int logLinesPerCall) {
  /** What a database gets unless its owner or operator says otherwise. */
  public static final DatabaseLimits DEFAULT =
      new DatabaseLimits(
          65_536,
          64L << 20,
          4_096,
          32 << 20,
          Duration.ofSeconds(10),
          10_000_000,
          64L << 20,
          Duration.ofSeconds(10),
          64 << 10,
          10_000);

  public DatabaseLimits {
    positive("queuedRequests", queuedRequests);
    positive("queuedBytes", queuedBytes);
    if (queuedRequests > Lane.REQUESTS_MAX || queuedBytes > Lane.BYTES_MAX) {
      throw new IllegalArgumentException(
          "%d requests of %d bytes waiting, at most %d of %d bytes can be counted"
              .formatted(queuedRequests, queuedBytes, Lane.REQUESTS_MAX, Lane.BYTES_MAX));
    }
    positive("drainRequests", drainRequests);
    positive("argumentBytes", argumentBytes);
    positive("callCpu nanoseconds", callCpu.toNanos());
    positive("sqlRows", sqlRows);
    positive("sqlResultBytes", sqlResultBytes);
    positive("sqlTime nanoseconds", sqlTime.toNanos());
    positive("logLineBytes", logLineBytes);
    positive("logLinesPerCall", logLinesPerCall);
  }

  /** What is said to whoever finds the queue full. */
  public EngineException full() {
    return EngineException.retry(
        "the database has as many requests waiting as it may, limit %d requests, or %d bytes"
            .formatted(queuedRequests, queuedBytes));
  }

  /** The same with another CPU budget of calls. */
  public DatabaseLimits withCallCpu(Duration cpu) {
    return new DatabaseLimits(
        queuedRequests,
        queuedBytes,
        drainRequests,
        argumentBytes,
        cpu,
        sqlRows,
        sqlResultBytes,
        sqlTime,
        logLineBytes,
        logLinesPerCall);
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException("%s is %d, must be at least 1".formatted(name, value));
    }
  }
}
