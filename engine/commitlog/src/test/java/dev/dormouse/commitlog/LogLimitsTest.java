package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LogLimitsTest {
  private static void refused(
      String what, int commit, int group, long file, long undurable, int segment, int indexRuns) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> new LogLimits(commit, group, file, undurable, segment, 0, 0, indexRuns));
    assertTrue(String.valueOf(refusal.getMessage()).contains(what), refusal.getMessage());
  }

  @Test
  void limitsMustFitEachOther() {
    refused("a commit must hold", 10, 500, 2_200, 4_000, 4_000, 4);
    refused("a commit must hold", (1 << 30) + 1, 500, 2_200, 4_000, 4_000, 4);
    refused("a group must hold", 2_000, 0, 2_200, 4_000, 4_000, 4);
    refused("must hold one group", 2_000, 500, 2_075, 4_000, 4_000, 4);
    refused("must hold one group", 2_000, 5_000, 2_200, 4_000, 4_000, 4);
    refused("undurable bytes", 2_000, 500, 2_200, 1_999, 4_000, 4);
    refused("a segment object", 2_000, 500, 2_200, 4_000, 1_999, 4);
    refused("index runs", 2_000, 500, 2_200, 4_000, 4_000, 0);
  }

  @Test
  void theTightestFitIsTaken() {
    LogLimits limits = new LogLimits(2_000, 500, 2_076, 2_000, 2_000, 0, 0, 1);
    assertTrue(limits.fileBytesMax() > limits.commitBytesMax());
  }

  @Test
  void offsetsEpochsAndSequencesAreUnsigned() {
    assertThrows(IllegalArgumentException.class, () -> new TxOffset(-1));
    assertThrows(IllegalArgumentException.class, () -> new Epoch(-1));
    assertThrows(IllegalArgumentException.class, () -> new SegmentName(Samples.key(1), -1));
    assertThrows(ArithmeticException.class, () -> new TxOffset(Long.MAX_VALUE).next());
    assertThrows(ArithmeticException.class, () -> new Epoch(Long.MAX_VALUE).next());
  }
}
