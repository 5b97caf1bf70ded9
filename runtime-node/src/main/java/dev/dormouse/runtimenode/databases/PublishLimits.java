package dev.dormouse.runtimenode.databases;

import java.time.Duration;

/**
 * Bounds of publishing.
 *
 * @param programBytes bytes of a program; more is answered 413
 * @param compileTime time a program may take to compile
 * @param concurrent programs that are checked and compiled at a time; others wait
 */
public record PublishLimits(int programBytes, Duration compileTime, int concurrent) {
  /** 64 MiB, 60 s, one at a time. */
  public static final PublishLimits STANDARD =
      new PublishLimits(64 << 20, Duration.ofSeconds(60), 1);

  public PublishLimits {
    if (programBytes <= 0 || concurrent <= 0 || compileTime.isNegative()) {
      throw new IllegalArgumentException("every publish limit must be positive");
    }
  }
}
