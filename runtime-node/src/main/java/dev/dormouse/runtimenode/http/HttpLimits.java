package dev.dormouse.runtimenode.http;

import java.time.Duration;

/**
 * Limits of the HTTP surface.
 *
 * @param bodyBytesMax largest request body of an ordinary route, in bytes; Source: spec http-api §1
 * @param workers threads for work that blocks (catalog, signatures)
 * @param waitingWorkMax pieces of such work that may wait for a thread; more are refused with 503
 * @param retryAfter what a refused caller is told to wait
 */
public record HttpLimits(int bodyBytesMax, int workers, int waitingWorkMax, Duration retryAfter) {

  /** Rejects limits that could serve nobody. */
  public HttpLimits {
    if (bodyBytesMax <= 0 || workers <= 0 || waitingWorkMax <= 0 || retryAfter.isNegative()) {
      throw new IllegalArgumentException(
          "limits must be positive, got body %d bytes, %d workers, %d waiting, retry after %s"
              .formatted(bodyBytesMax, workers, waitingWorkMax, retryAfter));
    }
  }

  /** The limits of the specification, with a worker pool that suits a small machine. */
  public static HttpLimits standard() {
    return new HttpLimits(2 * 1024 * 1024, 8, 1024, Duration.ofSeconds(1));
  }
}
