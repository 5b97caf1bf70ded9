package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class JournalIndexTest {
  private static final DatabaseKey KEY = Samples.key(1);

  private final JournalIndex index = new JournalIndex(Samples.SMALL);
  private final JournalFile older = file(1);
  private final JournalFile newer = file(3);

  private static JournalFile file(long sequence) {
    return new JournalFile(new JournalFormat.Header(sequence, 10 * sequence, 0));
  }

  private static Run run(JournalFile file, long start, long epoch, long first, long last) {
    return new Run(file, start, start + 50, 50, epoch, first, last);
  }

  private void requireRefused(String jump, Run run) {
    String wrong = index.add(KEY, run).orElseThrow();
    assertTrue(wrong.contains(jump), wrong);
  }

  @Test
  void aJumpInOneEpochIsRefused() {
    assertEquals(Optional.empty(), index.add(KEY, run(older, 100, 2, 5, 9)));
    requireRefused("tx offset 9 to epoch 2, tx offset 11", run(newer, 100, 2, 11, 12));
    requireRefused("tx offset 9 to epoch 2, tx offset 9", run(newer, 100, 2, 9, 12));
    requireRefused("tx offset 9 to epoch 1, tx offset 10", run(newer, 100, 1, 10, 12));
    assertEquals(Optional.empty(), index.add(KEY, run(newer, 100, 2, 10, 12)));
    assertEquals(Optional.of(new TxOffset(12)), index.last(KEY));
  }

  @Test
  void aTrimmedFileExplainsAJumpAheadButNotBack() {
    index.addTrimmed(new JournalFormat.Trimmed(2, 20, 29));
    assertEquals(Optional.empty(), index.add(KEY, run(older, 100, 2, 5, 9)));
    requireRefused("tx offset 9 to epoch 2, tx offset 8", run(newer, 100, 2, 8, 12));
    assertEquals(Optional.empty(), index.add(KEY, run(newer, 100, 2, 11, 12)));
    assertEquals(
        new TxOffset(11), index.unarchived().getFirst().first(), "what was before is archived");
  }

  @Test
  void aTrimmedFileElsewhereExplainsNothing() {
    index.addTrimmed(new JournalFormat.Trimmed(4, 40, 49));
    assertEquals(Optional.empty(), index.add(KEY, run(older, 100, 2, 5, 9)));
    requireRefused("tx offset 9 to epoch 2, tx offset 11", run(newer, 100, 2, 11, 12));
  }

  @Test
  void anOwnerContinuesBehindTrimmedFilesOnlyAhead() {
    assertEquals(Optional.empty(), index.add(KEY, run(older, 100, 2, 5, 9)));
    Epoch epoch = new Epoch(2);
    assertThrows(IllegalStateException.class, () -> index.begin(KEY, epoch, new TxOffset(11)));
    index.addTrimmed(new JournalFormat.Trimmed(2, 20, 29));
    assertThrows(IllegalStateException.class, () -> index.begin(KEY, epoch, new TxOffset(9)));
    index.begin(KEY, epoch, new TxOffset(11));
  }

  @Test
  void anEpochWithoutRecordsMayBeContinued() {
    assertEquals(Optional.empty(), index.add(KEY, run(older, 100, 2, 5, 9)));
    index.begin(KEY, new Epoch(5), new TxOffset(10));
    index.begin(KEY, new Epoch(5), new TxOffset(10));
    assertEquals(Optional.empty(), index.add(KEY, run(newer, 100, 5, 10, 10)));
    index.begin(KEY, new Epoch(5), new TxOffset(11));
  }

  @Test
  void anEpochThatHasBegunCannotBeGoneBackOn() {
    assertEquals(Optional.empty(), index.add(KEY, run(older, 100, 2, 5, 9)));
    index.begin(KEY, new Epoch(5), new TxOffset(8));
    assertThrows(
        IllegalStateException.class, () -> index.begin(KEY, new Epoch(4), new TxOffset(10)));
    assertThrows(
        IllegalStateException.class, () -> index.begin(KEY, new Epoch(2), new TxOffset(10)));
  }

  @Test
  void whatMayGoCostsNoMemoryAndWhatComesThenIsKept() {
    assertEquals(Optional.empty(), index.add(KEY, run(older, 100, 2, 5, 9)));
    index.archivedUpTo(KEY, new TxOffset(8));
    assertEquals(1, index.runCount());
    index.archivedUpTo(KEY, new TxOffset(9));
    assertEquals(0, index.runCount());
    assertTrue(older.keys.isEmpty());
    assertEquals(Optional.empty(), index.add(KEY, run(older, 200, 2, 10, 12)));
    assertEquals(new TxOffset(10), index.unarchived().getFirst().first());
  }
}
