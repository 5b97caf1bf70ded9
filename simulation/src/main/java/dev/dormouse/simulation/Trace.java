package dev.dormouse.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened in a world, in order: a digest of everything, and the last lines of it to show. Two
 * runs of a seed must have the same.
 */
@SuppressWarnings("EnumOrdinal") // only mixed into a digest
final class Trace {
  private static final long PRIME = 0x100000001b3L;

  private final VirtualTime time;
  private final int linesKept;
  private final ArrayList<String> lines = new ArrayList<>();
  private long digest = 0xcbf29ce484222325L;

  /** A trace that keeps at least so many of its last lines. */
  Trace(VirtualTime time, int linesKept) {
    this.time = time;
    this.linesKept = linesKept;
  }

  void step(TaskKind kind, int task) {
    mix(((long) kind.ordinal() << 32) | task);
  }

  /** Something that happened. */
  void line(String text) {
    mix(time.now());
    for (int i = 0; i < text.length(); i++) {
      mix(text.charAt(i));
    }
    if (linesKept > 0) {
      if (lines.size() >= 2 * linesKept) {
        lines.subList(0, lines.size() - linesKept).clear();
      }
      lines.add("%.6f %s".formatted(time.now() / 1e9, text));
    }
  }

  void mix(long value) {
    digest = (digest ^ value) * PRIME;
    digest ^= digest >>> 29;
  }

  long digest() {
    return digest;
  }

  List<String> lines() {
    return List.copyOf(lines);
  }
}
