package dev.dormouse.modulehost;

import java.time.Duration;

/**
 * How much CPU time of its thread one call may use, host calls included.
 *
 * @param nanos more than 0
 */
public record CpuBudget(long nanos) {
  /** 10 s, what a call has unless somebody says otherwise. */
  public static final CpuBudget STANDARD = of(Duration.ofSeconds(10));

  public CpuBudget {
    if (nanos <= 0) {
      throw new IllegalArgumentException("a budget of " + nanos + " ns, must be more than 0");
    }
  }

  /** A budget of that length. */
  public static CpuBudget of(Duration duration) {
    return new CpuBudget(duration.toNanos());
  }
}
