package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.Samples.Heard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Indexes beside journal files: they save reading, and nothing but the right one is believed. */
final class FileIndexTest {
  private static final DatabaseKey A = Samples.key(1);
  private static final DatabaseKey B = Samples.key(2);
  private static final int GROUPS = 14;

  /** Counts what is read of each file. */
  private static final class Counting implements LogStorage {
    private final MemoryLogStorage disk;
    final Map<String, Long> read = new HashMap<>();

    Counting(MemoryLogStorage disk) {
      this.disk = disk;
    }

    @Override
    public LogFile create(String name) throws IOException {
      return disk.create(name);
    }

    @Override
    public List<String> list() {
      return disk.list();
    }

    @Override
    public long size(String name) throws IOException {
      return disk.size(name);
    }

    @Override
    public int read(String name, long position, byte[] into, int offset, int length)
        throws IOException {
      int count = disk.read(name, position, into, offset, length);
      read.merge(name, (long) count, Long::sum);
      return count;
    }

    @Override
    public void truncate(String name, long size) throws IOException {
      disk.truncate(name, size);
    }

    @Override
    public void delete(String name) throws IOException {
      disk.delete(name);
    }

    @Override
    public void close() {}
  }

  private final MemoryLogStorage disk = LogStorage.inMemory();

  private static Journal open(LogStorage storage, long seed) throws IOException {
    return Journal.open(storage, Samples.SMALL, Samples.random(seed), () -> {});
  }

  private static Journal open(LogStorage storage) throws IOException {
    return open(storage, 1);
  }

  /** Appends a record of about 500 bytes, a group of its own: four to a file. */
  private static void append(Journal journal, JournalAppender appender) {
    Samples.append(appender, appender.next(), 360);
    assertTrue(journal.writeGroup());
  }

  /** Records of two databases in turns, over several files; what is sealed has indexes. */
  private void write(MemoryLogStorage storage, long seed) throws IOException {
    Journal journal = open(storage, seed);
    JournalAppender a = journal.appender(A, new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender b = journal.appender(B, new Epoch(1), TxOffset.ZERO, new Heard());
    for (int i = 0; i < GROUPS; i++) {
      append(journal, i % 2 == 0 ? a : b);
    }
    journal.trim();
    journal.close();
  }

  private static List<String> names(LogStorage storage, String end) throws IOException {
    return storage.list().stream().filter(name -> name.endsWith(end)).toList();
  }

  private static byte[] bytes(LogStorage storage, String name) throws IOException {
    byte[] bytes = new byte[(int) storage.size(name)];
    assertEquals(bytes.length, storage.read(name, 0, bytes, 0, bytes.length));
    return bytes;
  }

  private static void replace(LogStorage storage, String name, byte[] bytes) throws IOException {
    storage.delete(name);
    try (LogFile file = storage.create(name)) {
      file.append(bytes, 0, bytes.length);
      file.sync();
    }
  }

  private static Map<DatabaseKey, List<byte[]>> records(Journal journal) throws IOException {
    Map<DatabaseKey, List<byte[]>> all = new TreeMap<>();
    for (DatabaseKey key : List.of(A, B)) {
      List<byte[]> records = new ArrayList<>();
      Samples.replayed(journal, key, 0).forEach(each -> records.add(each.toByteArray()));
      all.put(key, records);
    }
    return all;
  }

  private static void requireAll(Journal journal, String where) throws IOException {
    records(journal)
        .forEach(
            (key, found) -> {
              assertEquals(GROUPS / 2, found.size(), where);
              for (int i = 0; i < found.size(); i++) {
                assertArrayEquals(Samples.record(key, 1, i, 360), found.get(i), where);
              }
            });
  }

  /**
   * Opens a copy, checks that all is there, and says of how many files no more than the header was
   * read.
   */
  private static long notScanned(MemoryLogStorage storage, String where) throws IOException {
    Counting counting = new Counting(storage);
    long spared;
    try (Journal journal = open(counting)) {
      spared =
          counting.read.entrySet().stream()
              .filter(each -> each.getKey().endsWith(".journal"))
              .filter(each -> each.getValue() == JournalFormat.HEADER_BYTES)
              .count();
      requireAll(journal, where);
    }
    return spared;
  }

  @Test
  void whatIsSealedHasAnIndexAndIsNotScannedAgain() throws IOException {
    write(disk, 1);
    assertEquals(4, names(disk, ".journal").size());
    assertEquals(3, names(disk, ".index").size());
    assertEquals(3, notScanned(disk.copy(), "with indexes"));
    MemoryLogStorage without = disk.copy();
    for (String name : names(disk, ".index")) {
      without.delete(name);
    }
    assertEquals(0, notScanned(without, "without"));
    try (Journal journal = open(without)) {
      journal.trim();
    }
    assertTrue(names(without, ".index").size() >= 3, "a trim makes up for those that are missing");
    assertTrue(notScanned(without, "made again") >= 3);
  }

  @Test
  void whatIsFlippedOrTornIsNotBelieved() throws IOException {
    write(disk, 1);
    String name = names(disk, ".index").get(1);
    byte[] right = bytes(disk, name);
    for (int bit = 0; bit < 8 * right.length; bit++) {
      byte[] flipped = right.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      MemoryLogStorage storage = disk.copy();
      replace(storage, name, flipped);
      assertEquals(2, notScanned(storage, "bit " + bit));
    }
    for (int length = 0; length < right.length; length++) {
      MemoryLogStorage storage = disk.copy();
      storage.truncate(name, length);
      assertEquals(2, notScanned(storage, "cut to " + length));
    }
  }

  @Test
  void theIndexOfAnotherFileOrJournalIsNotBelieved() throws IOException {
    write(disk, 1);
    List<String> indexes = names(disk, ".index");
    MemoryLogStorage exchanged = disk.copy();
    replace(exchanged, indexes.get(0), bytes(disk, indexes.get(1)));
    assertEquals(2, notScanned(exchanged, "of another file"));

    MemoryLogStorage other = LogStorage.inMemory();
    write(other, 2);
    assertEquals(indexes, names(other, ".index"), "the same files but for their salts");
    MemoryLogStorage foreign = disk.copy();
    for (String name : indexes) {
      replace(foreign, name, bytes(other, name));
    }
    assertEquals(0, notScanned(foreign, "of another journal"));
  }

  /** As if the file had been cut or had grown after its index was written. */
  @Test
  void theIndexOfAnotherStateOfItsFileIsNotBelieved() throws IOException {
    write(disk, 1);
    String name = names(disk, ".journal").get(1);
    MemoryLogStorage cut = disk.copy();
    cut.truncate(name, disk.size(name) - 1);
    CorruptLogException found = assertThrows(CorruptLogException.class, () -> open(cut));
    assertTrue(String.valueOf(found.getMessage()).contains(name), found::toString);

    MemoryLogStorage grown = disk.copy();
    byte[] longer = new byte[(int) disk.size(name) + 1];
    disk.read(name, 0, longer, 0, longer.length - 1);
    replace(grown, name, longer);
    assertEquals(2, notScanned(grown, "grown"));
  }

  /** A bad record in a file that is not scanned is found by whoever reads it. */
  @Test
  void damageBehindAnIndexIsFoundByWhoeverReadsIt() throws IOException {
    write(disk, 1);
    String name = names(disk, ".journal").get(1);
    byte[] damaged = bytes(disk, name);
    damaged[damaged.length - 20] ^= 1;
    replace(disk, name, damaged);
    try (Journal journal = open(disk)) {
      CorruptLogException found = assertThrows(CorruptLogException.class, () -> records(journal));
      assertTrue(String.valueOf(found.getMessage()).contains(name), found::toString);
    }
  }

  @Test
  void whatMayGoIsNotInAnIndexAndWhatComesLaterIsTakenAllTheSame() throws IOException {
    Journal journal = open(disk);
    JournalAppender a = journal.appender(A, new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender b = journal.appender(B, new Epoch(1), TxOffset.ZERO, new Heard());
    append(journal, b);
    while (names(disk, ".journal").size() < 2) {
      append(journal, a);
    }
    journal.trim(); // The first file has its index, with all that is in it.
    while (names(disk, ".journal").size() < 3) {
      append(journal, a);
    }
    append(journal, b);
    journal.archivedUpTo(A, new TxOffset(a.next() - 1));
    while (names(disk, ".journal").size() < 4) {
      append(journal, b);
    }
    journal.trim();
    long next = a.next();
    append(journal, a);
    append(journal, b);
    long last = b.next() - 1;
    journal.close();

    try (Journal again = open(disk)) {
      assertEquals(List.of(next), offsets(Samples.replayed(again, A, next)));
      assertEquals(last + 1, Samples.replayed(again, B, 0).size());
      again.appender(A, new Epoch(1), new TxOffset(next + 1), new Heard()).close();
      assertThrows(
          IllegalStateException.class,
          () -> again.appender(B, new Epoch(1), new TxOffset(last + 3), new Heard()),
          "where all is known nothing may be missing");
    }
  }

  private static List<Long> offsets(List<CommitRecord> records) {
    return records.stream().map(CommitRecord::offsetValue).toList();
  }

  @Test
  void anIndexGoesWithItsFileAndDoesNotOutliveIt() throws IOException {
    write(disk, 1);
    List<String> indexes = names(disk, ".index");
    disk.create(FileIndex.nameOf(99)).close();
    try (Journal journal = open(disk)) {
      assertEquals(indexes, names(disk, ".index"), "one without a file is removed");
      for (DatabaseKey key : List.of(A, B)) {
        journal.archivedUpTo(key, journal.last(key).orElseThrow());
      }
      journal.trim();
      assertTrue(names(disk, ".index").isEmpty(), "they went with their files");
    }
  }

  @Test
  void anIndexThatCouldNotBeWrittenIsWrittenByTheNextTrim() throws IOException {
    write(disk, 1);
    for (String name : names(disk, ".index")) {
      disk.delete(name);
    }
    FaultyLogStorage faulty = new FaultyLogStorage(disk);
    try (Journal journal = open(faulty)) {
      for (LogFaults fault :
          List.of(
              LogFaults.NONE.failingCreate(1),
              LogFaults.NONE.failingAppend(1, 30),
              LogFaults.NONE.failingSync(1))) {
        faulty.arm(fault);
        assertThrows(IOException.class, journal::trim);
        assertFalse(journal.failure().isPresent(), "the journal goes on");
      }
      journal.trim();
    }
    assertTrue(notScanned(disk, "at last") >= 3);
  }
}
