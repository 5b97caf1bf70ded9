package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.Samples.Heard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A small journal, and everything that can happen to its bytes. */
final class JournalDamageTest {
  private static final int DATABASES = 2;

  /** A few groups to a file. */
  private static final LogLimits LIMITS = new LogLimits(600, 500, 1000, 4_000, 4_000, 300, 200, 4);

  private final MemoryLogStorage disk = LogStorage.inMemory();

  /** Per database, the records in order. */
  private final Map<DatabaseKey, List<byte[]>> written = new TreeMap<>();

  /** Per database, how many records were durable before the last group. */
  private final Map<DatabaseKey, Integer> beforeLastGroup = new TreeMap<>();

  private static Journal open(LogStorage storage) throws IOException {
    return Journal.open(storage, LIMITS, Samples.random(9), () -> {});
  }

  @BeforeEach
  void writeSome() throws IOException {
    Journal journal = open(disk);
    List<JournalAppender> appenders = new ArrayList<>();
    for (int i = 0; i < DATABASES; i++) {
      DatabaseKey key = Samples.key(i);
      appenders.add(journal.appender(key, new Epoch(1), TxOffset.ZERO, new Heard()));
      written.put(key, new ArrayList<>());
    }
    for (int group = 0; group < 8; group++) {
      written.forEach((key, records) -> beforeLastGroup.put(key, records.size()));
      int records = group == 7 ? 3 : 1 + group % 2;
      for (int i = 0; i < records; i++) {
        JournalAppender appender = appenders.get((group + i) % DATABASES);
        List<byte[]> log = Objects.requireNonNull(written.get(appender.key()));
        log.add(Samples.append(appender, log.size(), 8 + i));
      }
      assertTrue(journal.writeGroup());
    }
    journal.close();
    assertTrue(disk.list().size() >= 3, "damage in older files must be met");
    assertTrue(groupsIn(disk, disk.list().getLast()) >= 2, "and before the last group of a file");
  }

  private static int groupsIn(LogStorage storage, String name) throws IOException {
    byte[] bytes = new byte[(int) storage.size(name)];
    storage.read(name, 0, bytes, 0, bytes.length);
    int groups = 0;
    for (int at = 0; at + JournalFormat.GROUP_BYTES <= bytes.length; at++) {
      groups += JournalFormat.looksLikeGroup(bytes, at) ? 1 : 0;
    }
    return groups;
  }

  /** Opens, reads all, and says which records are there; each must be the right one. */
  private int requirePrefix(MemoryLogStorage storage, boolean allButLastGroup, String where)
      throws IOException {
    Journal journal = open(storage);
    long bytes = 0;
    for (String name : storage.list()) {
      bytes += storage.size(name);
    }
    assertEquals(bytes, journal.figures().fileBytes(), where + ": what does not count is cut off");
    int total = 0;
    for (Map.Entry<DatabaseKey, List<byte[]>> entry : written.entrySet()) {
      List<CommitRecord> found = Samples.replayed(journal, entry.getKey(), 0);
      assertTrue(found.size() <= entry.getValue().size(), where);
      for (int i = 0; i < found.size(); i++) {
        assertArrayEquals(entry.getValue().get(i), found.get(i).toByteArray(), where);
      }
      if (allButLastGroup) {
        assertTrue(found.size() >= beforeLastGroup.getOrDefault(entry.getKey(), 0), where);
      }
      total += found.size();
    }
    // What was accepted is as good as new: it can be appended to, and opened again.
    for (DatabaseKey key : written.keySet()) {
      long next = journal.last(key).map(last -> last.value() + 1).orElse(0L);
      Samples.append(journal.appender(key, new Epoch(1), new TxOffset(next), new Heard()), next, 3);
    }
    assertTrue(journal.writeGroup(), where);
    journal.close();
    Journal again = open(storage);
    int totalAgain = 0;
    for (DatabaseKey key : written.keySet()) {
      totalAgain += Samples.replayed(again, key, 0).size();
    }
    assertEquals(total + DATABASES, totalAgain, where);
    return total;
  }

  private int totalWritten() {
    return written.values().stream().mapToInt(List::size).sum();
  }

  @Test
  void undamagedEverythingIsThere() throws IOException {
    assertEquals(totalWritten(), requirePrefix(disk.copy(), true, "undamaged"));
  }

  @Test
  void everyFlippedBitYieldsAPrefixOrAnErrorThatNamesThePlace() throws IOException {
    int prefixes = 0;
    int errors = 0;
    String lastFile = disk.list().getLast();
    for (String name : disk.list()) {
      for (long position = 0; position < disk.size(name); position++) {
        for (int bit = 0; bit < 8; bit++) {
          String where = "%s byte %d bit %d".formatted(name, position, bit);
          MemoryLogStorage damaged = disk.copy();
          damaged.flipBit(name, position, bit);
          try {
            // Only the last group may be lost: nothing tells it from one that was never synced.
            int found = requirePrefix(damaged, true, where);
            assertTrue(found < totalWritten(), where + " went unnoticed");
            assertEquals(lastFile, name, where);
            prefixes++;
          } catch (CorruptLogException e) {
            assertTrue(e.position() <= position, where + ": " + e.toString());
            assertTrue(e.toString().contains(e.file()), where);
            assertEquals(name, e.file(), where);
            errors++;
          }
        }
      }
    }
    assertTrue(prefixes > 1_000 && errors > 10_000, prefixes + " prefixes, " + errors + " errors");
  }

  @Test
  void everyCutOfTheLastFileYieldsAPrefix() throws IOException {
    String name = disk.list().getLast();
    int before = totalWritten();
    for (long size = disk.size(name) - 1; size >= 0; size--) {
      MemoryLogStorage damaged = disk.copy();
      damaged.truncate(name, size);
      int found = requirePrefix(damaged, false, name + " cut to " + size);
      assertTrue(found <= before, "a shorter file cannot hold more");
      before = found;
    }
    assertTrue(before > 0, "older files are still there");
  }

  @Test
  void everyCutOfAnOlderFileIsAnError() throws IOException {
    List<String> names = disk.list();
    for (String name : names.subList(0, names.size() - 1)) {
      for (long size = disk.size(name) - 1; size >= 0; size--) {
        MemoryLogStorage damaged = disk.copy();
        damaged.truncate(name, size);
        CorruptLogException error =
            assertThrows(CorruptLogException.class, () -> open(damaged), name + " cut to " + size);
        assertEquals(name, error.file());
        assertTrue(error.position() <= size, error.toString());
      }
    }
  }

  @Test
  void aMissingFileInTheMiddleIsAnError() throws IOException {
    List<String> names = disk.list();
    MemoryLogStorage damaged = disk.copy();
    damaged.delete(names.get(1));
    CorruptLogException error = assertThrows(CorruptLogException.class, () -> open(damaged));
    assertEquals(names.get(0), error.file(), "the file after which one is missing");
    assertEquals(disk.size(names.get(0)), error.position());
  }

  @Test
  void nothingIsRepairedWhileAnythingIsDamaged() throws IOException {
    MemoryLogStorage damaged = disk.copy();
    damaged.flipBit(disk.list().getFirst(), 60, 0);
    List<String> names = damaged.list();
    for (int i = 0; i < 3; i++) {
      assertThrows(CorruptLogException.class, () -> open(damaged));
      assertEquals(names, damaged.list());
    }
    damaged.flipBit(disk.list().getFirst(), 60, 0);
    assertEquals(totalWritten(), requirePrefix(damaged, true, "mended"));
  }

  @Test
  void anotherMajorVersionIsRefusedByName() throws IOException {
    String name = disk.list().getFirst();
    byte[] header = new byte[JournalFormat.HEADER_BYTES];
    disk.read(name, 0, header, 0, header.length);
    LittleEndian.putU16(header, 8, 2);
    var crc = new java.util.zip.CRC32C();
    crc.update(header, 0, 40);
    LittleEndian.putInt(header, 40, (int) crc.getValue());
    MemoryLogStorage other = LogStorage.inMemory();
    other.create(name).append(header, 0, header.length);
    CorruptLogException error = assertThrows(CorruptLogException.class, () -> open(other));
    assertTrue(error.toString().contains("format version 2"), error.toString());
  }

  /** A row may hold what looks like a later group; the salt tells that it is none. */
  @Test
  void storedBytesCannotPoseAsALaterGroup() throws IOException {
    MemoryLogStorage storage = LogStorage.inMemory();
    Journal journal = open(storage);
    JournalAppender appender =
        journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(appender, 0, 5);
    assertTrue(journal.writeGroup());
    byte[] forged = new byte[JournalFormat.GROUP_BYTES];
    JournalFormat.putGroup(forged, 0, new JournalFormat.Group(1, 200, 9), 0);
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    writer.begin(
        Samples.key(1),
        new Epoch(1),
        new TxOffset(1),
        0,
        CommitKind.SQL,
        Samples.key(1).database(),
        "");
    writer.beginTable(1);
    writer.insertedRow(forged, 0, forged.length);
    writer.arguments(new byte[10], 0, 10);
    writer.finish();
    assertTrue(appender.tryReserve(writer.length()));
    appender.append(writer);
    assertTrue(journal.writeGroup());
    journal.close();
    String name = storage.list().getLast();
    storage.truncate(name, storage.size(name) - 1);
    assertEquals(3, groupsIn(storage, name), "one of them forged");
    assertEquals(1, Samples.replayed(open(storage), Samples.key(1), 0).size());
  }
}
