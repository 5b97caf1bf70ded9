package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EpochMergeTest {
  private static EpochSpan<String> span(String source, long epoch, long first, long last) {
    return new EpochSpan<>(source, new Epoch(epoch), new TxOffset(first), new TxOffset(last));
  }

  @Test
  void aRecordCountsOnlyBelowTheNextEpoch() {
    EpochMerge merge =
        new EpochMerge()
            .begin(new Epoch(1), TxOffset.ZERO)
            .begin(new Epoch(4), new TxOffset(10))
            .begin(new Epoch(6), new TxOffset(8));
    assertTrue(merge.isValid(new Epoch(1), new TxOffset(7)));
    assertFalse(merge.isValid(new Epoch(1), new TxOffset(8)));
    assertEquals(8, merge.validBelow(new Epoch(4)), "epoch 4 is void altogether");
    assertEquals(Long.MAX_VALUE, merge.validBelow(new Epoch(6)));
    assertEquals(8, merge.validBelow(new Epoch(5)), "an epoch without records");
  }

  @Test
  void laterEpochsReplaceWhatEarlierOnesCouldNotAcknowledge() {
    var plan =
        new EpochMerge()
            .plan(new TxOffset(3), List.of(span("local", 1, 0, 12), span("archive", 2, 10, 20)));
    assertEquals(List.of(span("local", 1, 3, 9), span("archive", 2, 10, 20)), plan.pieces());
    assertEquals(Optional.empty(), plan.missing());
  }

  @Test
  void aMarkerCutsEvenWithoutRecords() {
    var plan =
        new EpochMerge()
            .begin(new Epoch(2), new TxOffset(5))
            .plan(TxOffset.ZERO, List.of(span("local", 1, 0, 12)));
    assertEquals(List.of(span("local", 1, 0, 4)), plan.pieces());
  }

  @Test
  void aHoleIsNamed() {
    var plan =
        new EpochMerge().plan(TxOffset.ZERO, List.of(span("b", 1, 9, 12), span("a", 1, 0, 4)));
    assertEquals(List.of(span("a", 1, 0, 4)), plan.pieces());
    assertEquals(
        Optional.of(new EpochMerge.Missing(new TxOffset(5), new TxOffset(8))), plan.missing());
  }

  @Test
  void nothingAboveIsNoHole() {
    var plan = new EpochMerge().plan(new TxOffset(13), List.of(span("a", 1, 0, 12)));
    assertEquals(List.of(), plan.pieces());
    assertEquals(Optional.empty(), plan.missing());
  }

  @Test
  void amongEqualsTheEarlierInTheListIsTaken() {
    var plan =
        new EpochMerge()
            .plan(
                new TxOffset(2),
                List.of(span("cache", 1, 0, 8), span("remote", 1, 0, 8), span("far", 1, 6, 9)));
    assertEquals(List.of(span("cache", 1, 2, 8), span("far", 1, 9, 9)), plan.pieces());
  }

  @Test
  void aSpanHasAnEndBehindItsStart() {
    assertThrows(IllegalArgumentException.class, () -> span("a", 1, 5, 4));
  }

  /** Against the definition, offset by offset. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void plansAreWhatTheRuleSays(long seed) {
    RandomGenerator random = Samples.random(seed);
    for (int round = 0; round < 2_000; round++) {
      String where = "seed " + seed + ", round " + round;
      List<EpochSpan<String>> spans = new ArrayList<>();
      EpochMerge merge = new EpochMerge();
      long start = 0;
      for (long epoch = 0; epoch < 4; epoch++) {
        long end = start + random.nextInt(12);
        if (random.nextInt(5) == 0) {
          merge.begin(new Epoch(epoch), new TxOffset(start));
        }
        int count = random.nextInt(4);
        for (int i = 0; i < count && end > start; i++) {
          long first = random.nextLong(start, end);
          spans.add(span("s" + epoch + i, epoch, first, random.nextLong(first, end)));
        }
        start = Math.max(0, end - random.nextInt(5));
      }
      long from = random.nextInt(15);
      var plan = merge.plan(new TxOffset(from), spans);

      long next = from;
      for (EpochSpan<String> piece : plan.pieces()) {
        assertEquals(next, piece.first().value(), where);
        for (long at = next; at <= piece.last().value(); at++) {
          assertTrue(merge.isValid(piece.epoch(), new TxOffset(at)), where);
          long offset = at;
          assertTrue(
              spans.stream()
                  .anyMatch(
                      span ->
                          span.source().equals(piece.source())
                              && span.epoch().equals(piece.epoch())
                              && span.first().value() <= offset
                              && offset <= span.last().value()),
              where);
        }
        next = piece.last().value() + 1;
      }
      long reached = next;
      List<Long> above =
          spans.stream()
              .flatMap(
                  span ->
                      java.util.stream.LongStream.rangeClosed(
                              span.first().value(), span.last().value())
                          .filter(at -> merge.isValid(span.epoch(), new TxOffset(at)))
                          .boxed())
              .filter(at -> at >= reached)
              .sorted()
              .toList();
      Optional<EpochMerge.Missing> missing =
          above.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  new EpochMerge.Missing(
                      new TxOffset(reached), new TxOffset(above.getFirst() - 1)));
      assertEquals(missing, plan.missing(), where);
    }
  }
}
