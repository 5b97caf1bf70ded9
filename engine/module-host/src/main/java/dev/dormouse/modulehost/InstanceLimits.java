package dev.dormouse.modulehost;

/**
 * What one instance may take of the host.
 *
 * @param memoryBytesMax linear memory; beyond it {@code memory.grow} answers −1
 * @param stackBytesMax what guest functions may take of their thread's stack; beyond it they trap.
 *     The thread must have {@link #HOST_STACK_BYTES} more
 * @param tableElementsMax elements of one function table; beyond it {@code table.grow} answers −1
 * @param openIteratorsMax row iterators open at a time; one more traps
 * @param byteSourcesMax byte sources of one call; one more traps
 * @param sinkBytesMax bytes of one sink (error text, module definition); one more traps
 * @param nameBytesMax UTF-8 bytes of a table, index, function or variable name; a longer one traps
 * @param logBytesMax UTF-8 bytes of a log message, target, file or timer name; the rest is cut off
 * @param consoleTimersMax console timers running at a time; one more traps
 */
public record InstanceLimits(
    long memoryBytesMax,
    int stackBytesMax,
    int tableElementsMax,
    int openIteratorsMax,
    int byteSourcesMax,
    int sinkBytesMax,
    int nameBytesMax,
    int logBytesMax,
    int consoleTimersMax) {
  /**
   * Stack that a thread must have besides what the guest may take: for the host below it and in its
   * imports, for functions that do not count, and for what the JVM keeps in reserve.
   */
  public static final int HOST_STACK_BYTES = 1 << 20;

  /** 128 MiB of memory, 1 MiB of stack, and more of the rest than a real module needs. */
  public static final InstanceLimits STANDARD =
      new InstanceLimits(
          128L << 20, 1 << 20, 200_000, 10_000, 1_024, 16 << 20, 64 << 10, 64 << 10, 1_024);

  /** Outstanding byte sources at which {@code env_get} answers errno 9. Spec since-2.8 §2.1. */
  static final int ENVIRONMENT_SOURCES_MAX = 256;

  /**
   * Bytes other than zero in an instance's memory up to which others start from an image of it;
   * above, each runs the module's initialisers.
   */
  static final int IMAGE_BYTES_MAX = 8 << 20;

  /** Vectors of one WASI {@code fd_write}: the host cannot be stopped while it logs them. */
  static final int WASI_VECTORS_MAX = 1_024;

  public InstanceLimits {
    if (memoryBytesMax < LinearMemory.PAGE_BYTES || memoryBytesMax > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "guest memory of %d bytes, must be %d to %d"
              .formatted(memoryBytesMax, LinearMemory.PAGE_BYTES, Integer.MAX_VALUE));
    }
    requirePositive("stack bytes", stackBytesMax);
    requirePositive("table elements", tableElementsMax);
    requirePositive("open iterators", openIteratorsMax);
    requirePositive("byte sources", byteSourcesMax);
    requirePositive("sink bytes", sinkBytesMax);
    requirePositive("name bytes", nameBytesMax);
    requirePositive("log bytes", logBytesMax);
    requirePositive("console timers", consoleTimersMax);
  }

  /** The same with another cap on linear memory. */
  public InstanceLimits withMemoryBytesMax(long bytes) {
    return new InstanceLimits(
        bytes,
        stackBytesMax,
        tableElementsMax,
        openIteratorsMax,
        byteSourcesMax,
        sinkBytesMax,
        nameBytesMax,
        logBytesMax,
        consoleTimersMax);
  }

  private static void requirePositive(String what, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException("%d %s, must be more than 0".formatted(value, what));
    }
  }
}
