package dev.dormouse.runtimenode.http;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Limits of the HTTP surface. Source: spec http-api §1, where it names one.
 *
 * @param connections open connections of one port, WebSockets included; more are closed at once
 * @param requestLineBytes longest request line; longer is answered 414
 * @param headBytes longest head of a request; longer is answered 431
 * @param headTime time for the first request's head, from the moment the connection is open
 * @param idleTime time for the head of a later request, from the end of the answer before it
 * @param bodyBytesMax largest request body of an ordinary route; larger is answered 413
 * @param bodyTime time for a request's body, besides what {@code bytesPerSecond} allows
 * @param answerTime time for the client to take an answer, besides what {@code bytesPerSecond}
 *     allows
 * @param bytesPerSecond slowest transfer of a body or an answer that is long enough to matter
 * @param bodiesBytes heap that all requests and answers under way may take, a body three times its
 *     bytes; more are refused with 503
 * @param lingerTime how long what a refused client still sends is read and thrown away, so that it
 *     hears the refusal
 * @param inlineBytes a longer body is not looked at on an event loop
 * @param workers threads for work that blocks (catalog, signatures)
 * @param waitingWorkMax pieces of such work that may wait for a thread; more are refused with 503
 * @param resultCharactersMax characters of JSON that a query is answered with; more is answered 400
 * @param retryAfter what a refused caller is told to wait
 * @param drainTime how long a stop waits for requests under way, and then for work on the threads
 */
public record HttpLimits(
    int connections,
    int requestLineBytes,
    int headBytes,
    Duration headTime,
    Duration idleTime,
    int bodyBytesMax,
    Duration bodyTime,
    Duration answerTime,
    int bytesPerSecond,
    long bodiesBytes,
    Duration lingerTime,
    int inlineBytes,
    int workers,
    int waitingWorkMax,
    int resultCharactersMax,
    Duration retryAfter,
    Duration drainTime) {
  private static final int CONNECTIONS = 15_000;
  private static final long BODIES_BYTES_MIN = 128L << 20;

  /** Rejects limits that could serve nobody. */
  public HttpLimits {
    positive("connections", connections);
    positive("requestLineBytes", requestLineBytes);
    positive("headBytes", headBytes);
    positive("headTime nanoseconds", headTime.toNanos());
    positive("idleTime nanoseconds", idleTime.toNanos());
    positive("bodyBytesMax", bodyBytesMax);
    positive("bodyTime nanoseconds", bodyTime.toNanos());
    positive("answerTime nanoseconds", answerTime.toNanos());
    positive("bytesPerSecond", bytesPerSecond);
    positive("lingerTime nanoseconds", lingerTime.toNanos());
    positive("inlineBytes", inlineBytes);
    positive("workers", workers);
    positive("waitingWorkMax", waitingWorkMax);
    positive("resultCharactersMax", resultCharactersMax);
    positive("drainTime nanoseconds", drainTime.toNanos());
    if (retryAfter.isNegative()) {
      throw new IllegalArgumentException("retryAfter is " + retryAfter);
    }
    if (bodiesBytes < bodyBytesMax) {
      throw new IllegalArgumentException(
          "all bodies together (%d bytes) must have room for one (%d bytes)"
              .formatted(bodiesBytes, bodyBytesMax));
    }
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException("%s is %d, must be at least 1".formatted(name, value));
    }
  }

  /** The limits of the specification and of this process: its heap and its file descriptors. */
  public static HttpLimits standard() {
    return standard(Runtime.getRuntime().maxMemory(), descriptors());
  }

  /**
   * The limits of the specification, for a process of a size.
   *
   * @param descriptors files and sockets that may be open at a time; a quarter is left for files
   */
  public static HttpLimits standard(long heapBytes, long descriptors) {
    return new HttpLimits(
        Math.clamp(descriptors / 4 * 3, 1, CONNECTIONS),
        4 << 10,
        20 << 10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        2 << 20,
        Duration.ofSeconds(20),
        Duration.ofSeconds(30),
        16 << 10,
        Math.max(heapBytes / 8, BODIES_BYTES_MIN),
        Duration.ofSeconds(1),
        64 << 10,
        8,
        1024,
        64 << 20,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10));
  }

  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  /** Time that so many bytes may take at the slowest permitted transfer. */
  Duration timeFor(long bytes) {
    return Duration.ofMillis(bytes * 1_000 / bytesPerSecond);
  }
}
