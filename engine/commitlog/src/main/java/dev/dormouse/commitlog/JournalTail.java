package dev.dormouse.commitlog;

import java.io.IOException;

/** The file that groups are appended to. Used by one thread at a time. */
final class JournalTail implements AutoCloseable {
  private final JournalFile file;
  private final LogFile log;

  private JournalTail(JournalFile file, LogFile log) {
    this.file = file;
    this.log = log;
  }

  /** Makes a file with its header, both of which survive a crash on return. */
  static JournalTail create(LogStorage storage, JournalFormat.Header header) throws IOException {
    JournalFile file = new JournalFile(header);
    LogFile log = storage.create(file.name);
    try {
      byte[] bytes = JournalFormat.header(header);
      log.append(bytes, 0, bytes.length);
      log.sync();
    } catch (IOException | RuntimeException e) {
      try {
        log.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
    return new JournalTail(file, log);
  }

  JournalFile file() {
    return file;
  }

  /** Bytes appended so far. */
  long position() {
    return log.size();
  }

  /**
   * Writes one group with one append and one sync.
   *
   * @param bytes room for a group's header, then the records
   * @param length of all that
   */
  void write(byte[] bytes, int length, int records, long number) throws IOException {
    JournalFormat.Group group =
        new JournalFormat.Group(records, length - JournalFormat.GROUP_BYTES, number);
    JournalFormat.putGroup(bytes, 0, group, file.salt);
    log.append(bytes, 0, length);
    log.sync();
  }

  /** Ends it after a failure: what is not durable is cut off, which survives a crash on return. */
  void abandon(LogStorage storage) throws IOException {
    log.close();
    if (storage.list().contains(file.name) && storage.size(file.name) > file.bytes) {
      storage.truncate(file.name, file.bytes);
    }
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
