package dev.dormouse.modulehost;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a guest's memory holds, as runs of bytes between stretches of zeroes. Immutable.
 *
 * <p>In BSATN: {@code vec<{address u32, bytes}>}, in the order of addresses.
 */
final class MemoryRuns {
  /** As many zeroes as a run costs by itself end it. */
  private static final int GAP_BYTES = 64;

  @SuppressWarnings("ArrayRecordComponent") // never compared, never leaves this file
  private record Run(int address, byte[] bytes) {}

  private final List<Run> runs;

  private MemoryRuns(List<Run> runs) {
    this.runs = List.copyOf(runs);
  }

  /**
   * Copies what is not zero.
   *
   * @param bytesMax of all runs together
   * @return empty if there is more
   */
  static Optional<MemoryRuns> of(LinearMemory memory, int bytesMax) {
    List<Run> runs = new ArrayList<>();
    byte[] piece = new byte[LinearMemory.PAGE_BYTES];
    long left = bytesMax;
    for (long at = memory.base(); at < memory.size() && left >= 0; at += piece.length) {
      int length = (int) Math.min(piece.length, memory.size() - at);
      memory.read((int) at, piece, 0, length);
      left -= add(runs, (int) at, piece, length);
    }
    return left < 0 ? Optional.empty() : Optional.of(new MemoryRuns(runs));
  }

  /** Adds the runs of a piece of memory; how many bytes they have. */
  private static int add(List<Run> runs, int address, byte[] piece, int length) {
    int added = 0;
    int at = 0;
    while (true) {
      int from = at;
      while (from < length && piece[from] == 0) {
        from++;
      }
      if (from == length) {
        return added;
      }
      int end = from + 1; // behind the last byte that is not zero
      for (at = end; at < length && at - end < GAP_BYTES; at++) {
        if (piece[at] != 0) {
          end = at + 1;
        }
      }
      runs.add(new Run(address + from, Arrays.copyOfRange(piece, from, end)));
      added += end - from;
    }
  }

  /** Writes them into memory of zeroes that is large enough. */
  void writeTo(LinearMemory memory) {
    for (Run run : runs) {
      memory.write(run.address, run.bytes, 0, run.bytes.length);
    }
  }

  /** Bytes of all runs. */
  long bytes() {
    return runs.stream().mapToLong(run -> run.bytes.length).sum();
  }

  void write(BsatnWriter out) {
    out.writeI32(runs.size());
    for (Run run : runs) {
      out.writeI32(run.address).writeBytes(run.bytes);
    }
  }

  static MemoryRuns read(BsatnReader in) {
    int count = in.readCount(2 * Integer.BYTES, "runs of memory");
    List<Run> runs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      runs.add(new Run(in.readI32(), in.readBytes()));
    }
    return new MemoryRuns(runs);
  }
}
