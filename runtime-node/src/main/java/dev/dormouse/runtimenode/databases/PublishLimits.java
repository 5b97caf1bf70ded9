package dev.dormouse.runtimenode.databases;

import dev.dormouse.runtimenode.http.OpenRequests;
import java.time.Duration;

/**
 * Bounds of publishing.
 *
 * @param programBytes bytes of a program; more is answered 413
 * @param uploadBytes heap that all programs may take that are being uploaded or published, three
 *     times their bytes; more is answered 503
 * @param compileTime time a program may take to compile, from when its turn has come
 * @param concurrent programs that are compiled at a time; others wait
 * @param publishing publishes under way at a time, waiting for the compiler included; others wait
 * @param waiting publishes that wait; one more is answered 503
 * @param closeTime how long a stop waits for publishes under way
 */
public record PublishLimits(
    int programBytes,
    long uploadBytes,
    Duration compileTime,
    int concurrent,
    int publishing,
    int waiting,
    Duration closeTime) {
  /** The part of the heap that uploads may take. */
  private static final int HEAP_PARTS = 8;

  /**
   * 64 MiB a program, an eighth of the heap for all, 60 s, one at a time, 4 under way, 64 wait; a
   * stop waits 10 s.
   */
  public static PublishLimits standard(long heapBytes) {
    int programBytes = 64 << 20;
    return new PublishLimits(
        programBytes,
        Math.max((long) OpenRequests.BODY_COPIES * programBytes, heapBytes / HEAP_PARTS),
        Duration.ofSeconds(60),
        1,
        4,
        64,
        Duration.ofSeconds(10));
  }

  public PublishLimits {
    if (programBytes <= 0
        || concurrent <= 0
        || compileTime.isNegative()
        || compileTime.isZero()
        || waiting <= 0
        || closeTime.isNegative()) {
      throw new IllegalArgumentException("every publish limit must be positive");
    }
    if (uploadBytes < (long) OpenRequests.BODY_COPIES * programBytes) {
      throw new IllegalArgumentException(
          "uploads of %d bytes must hold one program of %d %d times"
              .formatted(uploadBytes, programBytes, OpenRequests.BODY_COPIES));
    }
    if (publishing < concurrent) {
      throw new IllegalArgumentException(
          "%d publishes under way leave some of %d compilers idle"
              .formatted(publishing, concurrent));
    }
  }

  /** The same with another time for compiling. */
  public PublishLimits withCompileTime(Duration time) {
    return new PublishLimits(
        programBytes, uploadBytes, time, concurrent, publishing, waiting, closeTime);
  }
}
