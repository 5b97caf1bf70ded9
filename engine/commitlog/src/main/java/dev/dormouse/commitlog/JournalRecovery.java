package dev.dormouse.commitlog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Opens what a process left behind: checks all files, cuts a torn tail, builds the index. Of a file
 * that has an index it reads that instead, so that what is wrong inside is found when it is read.
 *
 * <p>The last group is written again, to a new file, before it counts. The process before may have
 * ended on a failed sync, after which a group can be read here and yet never reach the disk; no
 * later sync of the old file would tell. All groups before it were synced with success, since a
 * group is only written after that. Where two files hold the same group, the newer one counts, and
 * the older one is cut.
 *
 * <p>Nothing is written before all files have been found right, but for files at the end that a
 * crash left without a whole group.
 */
final class JournalRecovery {
  private final LogStorage storage;
  private final RandomGenerator salts;
  private final JournalIndex index;
  private final TreeMap<Long, JournalFormat.Trimmed> markers = new TreeMap<>();
  private final TreeMap<Long, JournalFile> files = new TreeMap<>();

  /** Of which journal files there are indexes. */
  private final TreeSet<Long> indexes = new TreeSet<>();

  /** Files to delete, or to cut to the bytes they hold, once all has been found right. */
  private final List<JournalFile> toCut = new ArrayList<>();

  private JournalRecovery(LogStorage storage, LogLimits limits, RandomGenerator salts) {
    this.storage = storage;
    this.salts = salts;
    this.index = new JournalIndex(limits);
  }

  /**
   * What to go on with.
   *
   * @param tail the file to append to, if there is one
   */
  record Recovered(
      JournalIndex index, long nextSequence, long nextGroup, Optional<JournalTail> tail) {}

  static Recovered recover(LogStorage storage, LogLimits limits, RandomGenerator salts)
      throws IOException {
    return new JournalRecovery(storage, limits, salts).run();
  }

  private Recovered run() throws IOException {
    TreeMap<Long, String> names = new TreeMap<>();
    for (String name : storage.list()) {
      JournalFormat.trimmedOf(name).ifPresent(marker -> markers.put(marker.sequence(), marker));
      JournalFormat.sequenceOf(name).ifPresent(sequence -> names.put(sequence, name));
      JournalFormat.indexedSequenceOf(name).ifPresent(indexes::add);
    }
    for (JournalFormat.Trimmed marker : markers.values()) {
      String name = names.remove(marker.sequence());
      if (name != null) {
        storage.delete(name); // The process died between making the marker and this.
      }
      index.addTrimmed(marker);
    }
    final long nextSequence = Math.max(lastKey(names), lastKey(markers)) + 1;
    Optional<Last> last = dropTornFiles(names);
    for (long sequence : names.keySet()) {
      Optional<JournalFormat.Header> header = new JournalScan(storage, sequence).header(false);
      header.ifPresent(found -> files.put(sequence, new JournalFile(found)));
    }
    long nextGroup = indexFiles(last);
    if (last.isEmpty()) {
      cut();
      return new Recovered(index, nextSequence, nextGroup, Optional.empty());
    }
    JournalTail tail = moveLastGroup(last.get(), nextSequence);
    cut();
    return new Recovered(index, nextSequence + 1, nextGroup + 1, Optional.of(tail));
  }

  private static long lastKey(NavigableMap<Long, ?> map) {
    return map.isEmpty() ? 0 : map.lastKey();
  }

  /** The file that the last group stands in. */
  private record Last(JournalFile file, JournalScan.Found found) {
    long group() {
      return file.endGroup - 1;
    }
  }

  /**
   * Deletes files at the end that hold no whole group: the process died before their first sync.
   *
   * @return the last file that is left, unless a trimmed one came after it
   */
  private Optional<Last> dropTornFiles(NavigableMap<Long, String> names) throws IOException {
    while (lastKey(names) > lastKey(markers)) {
      long sequence = names.lastKey();
      JournalScan scan = new JournalScan(storage, sequence);
      Optional<JournalFormat.Header> header = scan.header(true);
      if (header.isPresent()) {
        JournalFile file = new JournalFile(header.get());
        JournalScan.Found found = scan.groups(file, true, Long.MAX_VALUE, (key, run) -> {});
        if (found.wholeGroups() > 0) {
          return Optional.of(new Last(file, found));
        }
      }
      storage.delete(JournalFormat.fileName(sequence));
      names.remove(sequence);
    }
    return Optional.empty();
  }

  /**
   * Indexes all groups but the last, checking that none is missing.
   *
   * @return the group after those indexed
   */
  private long indexFiles(Optional<Last> last) throws IOException {
    TreeMap<Long, Long> firstGroups = new TreeMap<>();
    files.forEach((sequence, file) -> firstGroups.put(sequence, file.firstGroup));
    markers.forEach((sequence, marker) -> firstGroups.put(sequence, marker.firstGroup()));
    long expected = firstGroups.isEmpty() ? 0 : firstGroups.firstEntry().getValue();
    for (long sequence : firstGroups.keySet()) {
      JournalFile file = files.get(sequence);
      JournalFormat.Trimmed marker = markers.get(sequence);
      long first = file == null ? expected : file.firstGroup;
      if (file != null) {
        var next = firstGroups.higherEntry(sequence);
        long stop = next == null ? last.map(Last::group).orElse(first) : next.getValue();
        requireNext(file.name, first, expected);
        indexFile(file, stop);
        expected = stop;
      } else if (marker != null) {
        requireNext(marker.name(), marker.firstGroup(), expected);
        expected = marker.lastGroup() + 1;
      }
    }
    return expected;
  }

  private static void requireNext(String name, long first, long expected)
      throws CorruptLogException {
    if (first != expected) {
      throw new CorruptLogException(
          name,
          0,
          "begins with group %d, expected %d: a file before it is missing"
              .formatted(first, expected));
    }
  }

  private void indexFile(JournalFile file, long stop) throws IOException {
    if (indexes.contains(file.sequence) && isKnownByIndex(file, stop)) {
      return;
    }
    JournalScan.Found found =
        new JournalScan(storage, file.sequence).groups(file, false, stop, intoIndex(file));
    if (file.endGroup != stop) {
      throw new CorruptLogException(
          file.name,
          found.end(),
          "ends before group %d, expected %d: it was cut, or a file after it is missing"
              .formatted(file.endGroup, stop));
    }
    if (found.wholeGroups() > 0) {
      index.addFile(file);
      index.seal(file);
    }
    if (storage.size(file.name) > found.end()) {
      toCut.add(file);
    }
  }

  /** Takes a file's index for what a scan would find; false if it cannot be believed. */
  private boolean isKnownByIndex(JournalFile file, long stop) throws IOException {
    Optional<FileIndex> found = FileIndex.read(storage, file, stop);
    if (found.isEmpty()) {
      return false;
    }
    file.endGroup = stop;
    file.bytes = found.get().fileBytes();
    file.indexed = true;
    file.partlyKnown = found.get().part();
    index.addFile(file);
    JournalScan.Visitor visitor = intoIndex(file);
    for (FileIndex.Entry entry : found.get().entries()) {
      visitor.run(entry.key(), entry.run());
    }
    index.seal(file);
    return true;
  }

  private JournalScan.Visitor intoIndex(JournalFile file) {
    return (key, run) -> {
      Optional<String> wrong = index.add(key, run);
      if (wrong.isPresent()) {
        throw new CorruptLogException(file.name, run.start(), wrong.get());
      }
    };
  }

  private JournalTail moveLastGroup(Last last, long sequence) throws IOException {
    JournalScan.Found found = last.found();
    int length = (int) (found.end() - found.lastGroup());
    byte[] group = new byte[length];
    if (storage.read(last.file().name, found.lastGroup(), group, 0, length) != length) {
      throw new CorruptLogException(
          last.file().name, found.lastGroup(), "the last group cannot be read again");
    }
    JournalTail tail =
        JournalTail.create(
            storage, new JournalFormat.Header(sequence, last.group(), salts.nextLong()));
    try {
      tail.write(group, length, found.lastGroupRecords(), last.group());
      JournalFile file = tail.file();
      new JournalScan(storage, sequence).groups(file, false, Long.MAX_VALUE, intoIndex(file));
      index.addFile(file);
      return tail;
    } catch (IOException | RuntimeException e) {
      tail.close();
      throw e;
    }
  }

  private void cut() throws IOException {
    for (JournalFile file : toCut) {
      if (file.endGroup == file.firstGroup) {
        storage.delete(file.name);
      } else {
        storage.truncate(file.name, file.bytes);
      }
    }
    // Those of files that went; what is wrong with the others is put right by a trim.
    List<String> left = storage.list();
    for (long sequence : indexes) {
      if (!left.contains(JournalFormat.fileName(sequence))) {
        storage.delete(FileIndex.nameOf(sequence));
      }
    }
  }
}
