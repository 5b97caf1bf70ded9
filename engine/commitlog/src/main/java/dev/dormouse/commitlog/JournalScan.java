package dev.dormouse.commitlog;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/** Reads one journal file from its start, checking every byte, at recovery. */
final class JournalScan {
  private final LogStorage storage;
  private final String name;
  private final long sequence;
  private final long size;
  private final CRC32C crc = new CRC32C();
  private final CommitRecord record = new CommitRecord();

  JournalScan(LogStorage storage, long sequence) throws IOException {
    this.storage = storage;
    this.sequence = sequence;
    this.name = JournalFormat.fileName(sequence);
    this.size = storage.size(name);
  }

  /** Receives, group by group, where the good records of each database are. */
  @FunctionalInterface
  interface Visitor {
    void run(DatabaseKey key, Run run) throws IOException;
  }

  /**
   * What a scan found.
   *
   * @param wholeGroups groups of which all records are good
   * @param lastGroup where the last group with a good record begins
   * @param end where the last good record ends
   * @param lastGroupRecords good records in the last group
   */
  record Found(long wholeGroups, long lastGroup, long end, int lastGroupRecords) {}

  /** The header, or nothing where a crash came before the file got one. */
  Optional<JournalFormat.Header> header(boolean mayBeTorn) throws IOException {
    byte[] bytes = new byte[JournalFormat.HEADER_BYTES];
    int read = storage.read(name, 0, bytes, 0, bytes.length);
    Optional<JournalFormat.Header> header =
        read == bytes.length ? JournalFormat.headerOf(bytes, sequence) : Optional.empty();
    if (header.isEmpty() && !(mayBeTorn && size <= bytes.length)) {
      throw new CorruptLogException(name, 0, "no header of journal file " + sequence);
    }
    if (header.isPresent() && JournalFormat.majorOf(bytes) != JournalFormat.MAJOR) {
      throw new CorruptLogException(
          name, 0, "format version %d is unknown".formatted(JournalFormat.majorOf(bytes)));
    }
    return header;
  }

  /**
   * Reads all groups below a limit, and moves the file's end behind the last good one.
   *
   * @param file as its header describes it, without groups
   * @param mayBeTorn whether bad bytes with no later group behind them end the file instead of
   *     being an error
   * @param stop the group at which to stop
   */
  Found groups(JournalFile file, boolean mayBeTorn, long stop, Visitor visitor) throws IOException {
    JournalReader reader = new JournalReader(storage, name, size);
    Found found = new Found(0, file.bytes, file.bytes, 0);
    long at = file.bytes;
    while (file.endGroup < stop && at < size) {
      Optional<JournalFormat.Group> next = groupAt(reader, at, file);
      if (next.isEmpty()) {
        requireTorn(reader, file, at, mayBeTorn, "no header of group " + file.endGroup);
        return found;
      }
      JournalFormat.Group group = next.get();
      GroupRuns runs = new GroupRuns(file);
      long recordAt = at + JournalFormat.GROUP_BYTES;
      long groupEnd = recordAt + group.bytes();
      int records = 0;
      int recordBytes = recordAt(reader, recordAt, groupEnd);
      while (recordBytes > 0) {
        runs.add(recordAt, recordBytes);
        recordAt += recordBytes;
        records++;
        recordBytes = recordAt(reader, recordAt, groupEnd);
      }
      boolean whole = recordAt == groupEnd;
      if (!whole) {
        requireTorn(reader, file, recordAt, mayBeTorn, "no whole record in group " + file.endGroup);
      } else if (records != group.records()) {
        throw new CorruptLogException(
            name, at, "%d records, expected %d".formatted(records, group.records()));
      }
      if (records > 0) {
        found = new Found(found.wholeGroups + (whole ? 1 : 0), at, recordAt, records);
        file.endGroup = group.number() + 1;
        file.bytes = recordAt;
        runs.handTo(visitor);
      }
      if (!whole) {
        return found;
      }
      at = groupEnd;
    }
    return found;
  }

  private Optional<JournalFormat.Group> groupAt(JournalReader reader, long at, JournalFile file)
      throws IOException {
    if (reader.remaining(at) < JournalFormat.GROUP_BYTES) {
      return Optional.empty();
    }
    int offset = reader.locate(at, JournalFormat.GROUP_BYTES);
    return JournalFormat.groupAt(reader.bytes(), offset, file.salt)
        .filter(group -> group.number() == file.endGroup && group.records() > 0);
  }

  /** Size of the good record that stands here, or 0; points {@link #record} at it. */
  private int recordAt(JournalReader reader, long at, long groupEnd) throws IOException {
    long room = Math.min(groupEnd - at, reader.remaining(at));
    if (room < RecordFormat.BYTES_MIN) {
      return 0;
    }
    int offset = reader.locate(at, RecordFormat.PREFIX_BYTES);
    long recordBytes = RecordFormat.sizeAt(reader.bytes(), offset);
    if (recordBytes < RecordFormat.BYTES_MIN
        || recordBytes > room
        || recordBytes > RecordFormat.BYTES_MAX) {
      return 0;
    }
    int length = (int) recordBytes;
    offset = reader.locate(at, length);
    if (!RecordFormat.isIntact(crc, reader.bytes(), offset, length)) {
      return 0;
    }
    record.at(reader.bytes(), offset, length);
    return length;
  }

  private void requireTorn(
      JournalReader reader, JournalFile file, long at, boolean mayBeTorn, String what)
      throws IOException {
    if (!mayBeTorn || laterGroupExists(reader, file, at)) {
      throw new CorruptLogException(name, at, what);
    }
  }

  private boolean laterGroupExists(JournalReader reader, JournalFile file, long from)
      throws IOException {
    for (long at = from; reader.remaining(at) >= JournalFormat.GROUP_BYTES; at++) {
      int offset = reader.locate(at, JournalFormat.GROUP_BYTES);
      if (JournalFormat.looksLikeGroup(reader.bytes(), offset)
          && JournalFormat.groupAt(reader.bytes(), offset, file.salt)
              .filter(group -> group.number() > file.endGroup)
              .isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** The records of one group, gathered per database. */
  private final class GroupRuns {
    private final JournalFile file;
    private final Map<DatabaseKey, Run> runs = new LinkedHashMap<>();

    GroupRuns(JournalFile file) {
      this.file = file;
    }

    void add(long at, int recordBytes) throws IOException {
      long offset = record.offsetValue();
      DatabaseKey key = record.key();
      Run run =
          new Run(file, at, at + recordBytes, recordBytes, record.epochValue(), offset, offset);
      Run before = runs.get(key);
      if (before == null) {
        runs.put(key, run);
      } else if (before.isContinuedBy(run)) {
        runs.put(key, before.joinedWith(run));
      } else {
        throw new CorruptLogException(
            name,
            at,
            "records of %s jump from tx offset %d to %d in one group"
                .formatted(key, before.last(), offset));
      }
    }

    void handTo(Visitor visitor) throws IOException {
      for (Map.Entry<DatabaseKey, Run> entry : runs.entrySet()) {
        visitor.run(entry.getKey(), entry.getValue());
      }
    }
  }
}
