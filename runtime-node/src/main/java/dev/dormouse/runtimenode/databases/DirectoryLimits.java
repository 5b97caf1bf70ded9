package dev.dormouse.runtimenode.databases;

/**
 * Bounds of what is kept of the catalog in memory.
 *
 * @param databases databases that are kept; at the limit all are dropped
 * @param names names that are kept; at the limit all are dropped
 */
public record DirectoryLimits(int databases, int names) {
  /** 10,000 of each: more than can be awake. */
  public static final DirectoryLimits STANDARD = new DirectoryLimits(10_000, 10_000);

  public DirectoryLimits {
    if (databases < 1 || names < 1) {
      throw new IllegalArgumentException(
          "%d databases and %d names, must be at least 1".formatted(databases, names));
    }
  }
}
