package dev.dormouse.modulehost;

/**
 * What a program may be before it is refused. Counts are checked before anything is parsed.
 *
 * @param programBytesMax bytes of the program
 * @param functionsMax functions of its own
 * @param functionBytesMax bytes of one function's body
 * @param importsMax imports
 * @param exportsMax exports
 * @param typesMax function types
 * @param globalsMax globals
 * @param tablesMax tables
 * @param tableElementsMax elements a table starts with
 * @param segmentsMax data segments, and element segments
 * @param interpretedFunctionsMax functions too large for a JVM method, which run interpreted
 */
public record CompileLimits(
    int programBytesMax,
    int functionsMax,
    int functionBytesMax,
    int importsMax,
    int exportsMax,
    int typesMax,
    int globalsMax,
    int tablesMax,
    int tableElementsMax,
    int segmentsMax,
    int interpretedFunctionsMax) {
  /** 64 MiB of program, 100,000 functions of up to 1 MiB. */
  public static final CompileLimits STANDARD =
      new CompileLimits(
          64 << 20, 100_000, 1 << 20, 1_000, 10_000, 20_000, 10_000, 16, 200_000, 20_000, 32);

  /** Bytecode of one method beyond which HotSpot does not compile it unless told to. */
  static final int JIT_METHOD_BYTES_MAX = 8_000;

  /** How many warnings of one kind are spelt out; the rest are counted. */
  static final int WARNINGS_MAX = 20;

  public CompileLimits {
    requirePositive("program bytes", programBytesMax);
    requirePositive("functions", functionsMax);
    requirePositive("function bytes", functionBytesMax);
    requirePositive("imports", importsMax);
    requirePositive("exports", exportsMax);
    requirePositive("types", typesMax);
    requirePositive("globals", globalsMax);
    requirePositive("tables", tablesMax);
    requirePositive("table elements", tableElementsMax);
    requirePositive("segments", segmentsMax);
    requirePositive("interpreted functions", interpretedFunctionsMax);
    if (functionBytesMax > programBytesMax) {
      throw new IllegalArgumentException(
          "a program (%d bytes) must hold a function (%d bytes)"
              .formatted(programBytesMax, functionBytesMax));
    }
  }

  private static void requirePositive(String what, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException("%d %s, must be more than 0".formatted(value, what));
    }
  }
}
