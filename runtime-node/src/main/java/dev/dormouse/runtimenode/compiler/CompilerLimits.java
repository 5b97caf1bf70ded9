package dev.dormouse.runtimenode.compiler;

/**
 * Bounds of compiling outside the node.
 *
 * @param ownProcessBytes a larger program is compiled in a process of its own; 0 for every program
 * @param heapBytes heap of such a process; a program that needs more is refused
 * @param processes such processes at a time; other compilations wait
 * @param answerBytes what such a process may answer; a program that becomes larger is refused
 * @param complaintBytes what is kept of a process's last words, for the refusal
 */
public record CompilerLimits(
    int ownProcessBytes, long heapBytes, int processes, long answerBytes, int complaintBytes) {
  /** Stack of the compiling thread: as much as inside the node. */
  static final int STACK_BYTES = 8 << 20;

  private static final long ANSWER_BYTES_MIN = 32 << 20;

  /** The part of the node's heap that an answer may take. */
  private static final int HEAP_PARTS = 8;

  /**
   * 4 MiB inside the node, else 768 MiB of heap, one process at a time, an eighth of the node's
   * heap for its answer, 500 bytes.
   *
   * @param nodeHeapBytes what the node may use itself
   */
  public static CompilerLimits standard(long nodeHeapBytes) {
    return new CompilerLimits(
        4 << 20, 768L << 20, 1, Math.max(ANSWER_BYTES_MIN, nodeHeapBytes / HEAP_PARTS), 500);
  }

  public CompilerLimits {
    if (ownProcessBytes < 0) {
      throw new IllegalArgumentException(
          "programs inside the node of %d bytes, must be 0 or more".formatted(ownProcessBytes));
    }
    if (heapBytes < 16L << 20) {
      throw new IllegalArgumentException(
          "a compiler's heap of %d bytes, must be %d or more".formatted(heapBytes, 16L << 20));
    }
    if (processes <= 0 || answerBytes <= 0 || complaintBytes <= 0) {
      throw new IllegalArgumentException("every compiler limit must be positive");
    }
  }

  /** The same with every program in a process of its own. */
  public CompilerLimits withEveryProgramOutside() {
    return new CompilerLimits(0, heapBytes, processes, answerBytes, complaintBytes);
  }

  /** The same with another heap. */
  public CompilerLimits withHeapBytes(long bytes) {
    return new CompilerLimits(ownProcessBytes, bytes, processes, answerBytes, complaintBytes);
  }
}
