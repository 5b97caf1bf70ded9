package dev.dormouse.commitlog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Where in one sealed journal file the records of each database are, as a file beside it, so that
 * opening need not read the journal file. All numbers are little-endian.
 *
 * <pre>
 * index = "DORMJIDX" major:u16 minor:u16 runs:u32
 *         sequence:u64 first:u64 salt:u64     ; of the journal file's header
 *         end:u64                             ; the group after the file's last one
 *         bytes:u64                           ; size of the journal file
 *         part:u32                            ; 1 if a database is absent of which all may go, else 0
 *         run*
 *         crc:u32                             ; CRC32C of all before it
 * run   = key:48 start:u64 end:u64 own:u64 epoch:u64 first:u64 last:u64   ; as at {@link Run}
 * </pre>
 *
 * Runs of one database stand in the order written.
 *
 * <p>It is only a copy of what a scan finds: one that is missing, torn, of another file or of
 * another state of it is not believed, and the file is scanned. Its name is {@code
 * <sequence>.index}. A file's contents never change once it has one.
 */
record FileIndex(
    JournalFormat.Header header, long endGroup, long fileBytes, boolean part, List<Entry> entries) {
  private static final int MAJOR = 1;
  private static final int MINOR = 0;

  /** "DORMJIDX". */
  private static final long MAGIC = 0x5844494a4d524f44L;

  private static final int HEADER_BYTES = 60;
  private static final int RUN_BYTES = 48 + 6 * Long.BYTES;

  /** One stretch of one database. */
  record Entry(DatabaseKey key, Run run) {}

  FileIndex {
    entries = List.copyOf(entries);
  }

  static String nameOf(long sequence) {
    return "%010d.index".formatted(sequence);
  }

  /** Writes it beside its journal file; it is durable on return, and torn if this fails. */
  void write(LogStorage storage) throws IOException {
    byte[] bytes = encode();
    try (LogFile log = storage.create(nameOf(header.sequence()))) {
      log.append(bytes, 0, bytes.length);
      log.sync();
    }
  }

  byte[] encode() {
    byte[] bytes =
        new byte[Math.addExact(HEADER_BYTES + 4, Math.multiplyExact(RUN_BYTES, entries.size()))];
    LittleEndian.putLong(bytes, 0, MAGIC);
    LittleEndian.putU16(bytes, 8, MAJOR);
    LittleEndian.putU16(bytes, 10, MINOR);
    LittleEndian.putInt(bytes, 12, entries.size());
    LittleEndian.putLong(bytes, 16, header.sequence());
    LittleEndian.putLong(bytes, 24, header.firstGroup());
    LittleEndian.putLong(bytes, 32, header.salt());
    LittleEndian.putLong(bytes, 40, endGroup);
    LittleEndian.putLong(bytes, 48, fileBytes);
    LittleEndian.putInt(bytes, 56, part ? 1 : 0);
    int at = HEADER_BYTES;
    for (Entry entry : entries) {
      Run run = entry.run();
      LittleEndian.putKey(bytes, at, entry.key());
      LittleEndian.putLong(bytes, at + 48, run.start());
      LittleEndian.putLong(bytes, at + 56, run.end());
      LittleEndian.putLong(bytes, at + 64, run.ownBytes());
      LittleEndian.putLong(bytes, at + 72, run.epoch());
      LittleEndian.putLong(bytes, at + 80, run.first());
      LittleEndian.putLong(bytes, at + 88, run.last());
      at += RUN_BYTES;
    }
    LittleEndian.putInt(bytes, at, checksum(bytes, at));
    return bytes;
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /**
   * The index of a journal file, if there is one that can be believed.
   *
   * @param file as its header describes it
   * @param endGroup the group after the last one that the file is to have
   */
  static Optional<FileIndex> read(LogStorage storage, JournalFile file, long endGroup)
      throws IOException {
    String name = nameOf(file.sequence);
    long fileBytes = storage.size(file.name);
    long size = storage.size(name);
    // Each run has a record at least, which is not much shorter than what is said of it.
    long sizeMax = HEADER_BYTES + 4 + fileBytes / RecordFormat.BYTES_MIN * RUN_BYTES;
    if (size < HEADER_BYTES + 4 || size > Math.min(sizeMax, Integer.MAX_VALUE - 8)) {
      return Optional.empty();
    }
    byte[] bytes = new byte[(int) size];
    boolean right =
        storage.read(name, 0, bytes, 0, bytes.length) == bytes.length
            && LittleEndian.getInt(bytes, bytes.length - 4) == checksum(bytes, bytes.length - 4)
            && LittleEndian.getLong(bytes, 0) == MAGIC
            && LittleEndian.getU16(bytes, 8) == MAJOR
            && LittleEndian.getLong(bytes, 16) == file.sequence
            && LittleEndian.getLong(bytes, 24) == file.firstGroup
            && LittleEndian.getLong(bytes, 32) == file.salt
            && LittleEndian.getLong(bytes, 40) == endGroup
            && LittleEndian.getLong(bytes, 48) == fileBytes
            && HEADER_BYTES + 4 + (long) LittleEndian.getInt(bytes, 12) * RUN_BYTES == size;
    return right ? decode(bytes, file, endGroup, fileBytes) : Optional.empty();
  }

  private static Optional<FileIndex> decode(
      byte[] bytes, JournalFile file, long endGroup, long fileBytes) {
    List<Entry> entries = new ArrayList<>(LittleEndian.getInt(bytes, 12));
    for (int at = HEADER_BYTES; at < bytes.length - 4; at += RUN_BYTES) {
      Run run =
          new Run(
              file,
              LittleEndian.getLong(bytes, at + 48),
              LittleEndian.getLong(bytes, at + 56),
              LittleEndian.getLong(bytes, at + 64),
              LittleEndian.getLong(bytes, at + 72),
              LittleEndian.getLong(bytes, at + 80),
              LittleEndian.getLong(bytes, at + 88));
      boolean possible =
          run.start() >= JournalFormat.HEADER_BYTES + JournalFormat.GROUP_BYTES
              && run.start() < run.end()
              && run.end() <= fileBytes
              && run.ownBytes() > 0
              && run.ownBytes() <= run.end() - run.start()
              && run.epoch() >= 0
              && run.first() >= 0
              && run.first() <= run.last();
      if (!possible) {
        return Optional.empty();
      }
      entries.add(new Entry(LittleEndian.getKey(bytes, at), run));
    }
    boolean part = LittleEndian.getInt(bytes, 56) != 0;
    return Optional.of(new FileIndex(file.header(), endGroup, fileBytes, part, entries));
  }
}
