package dev.dormouse.commitlog;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder of append-only files, some bytes of which survive a crash.
 *
 * <p>Laws, held by every implementation (test: {@code LogStorageContract}):
 *
 * <ul>
 *   <li>What {@link LogFile#sync} returned for survives a crash; of what was appended after it, any
 *       part may survive, in pieces and out of order.
 *   <li>The names made by {@link #create} and taken by {@link #delete} are so after a crash too.
 *   <li>What was appended is readable at once by everybody, synced or not.
 *   <li>A file is appended to only by the handle that created it.
 *   <li>After a failed append or sync nothing may be believed of what was not synced before.
 * </ul>
 *
 * Names are 1 to 100 characters of {@code a-z 0-9 . -}. Safe for use by several threads, where each
 * {@link LogFile} has one user. A thread may be interrupted while it reads (the read fails), never
 * while it appends.
 */
public interface LogStorage extends AutoCloseable {
  /** Longest name of a file, in characters. */
  int NAME_LENGTH_MAX = 100;

  /**
   * Makes an empty file; its name survives a crash on return.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one of this name
   */
  LogFile create(String name) throws IOException;

  /** Names of all files, in ascending order. */
  List<String> list() throws IOException;

  /**
   * Bytes in a file.
   *
   * @throws java.nio.file.NoSuchFileException if there is none of this name
   */
  long size(String name) throws IOException;

  /**
   * Reads up to {@code length} bytes.
   *
   * @param position of the first byte, from the start of the file
   * @return how many were read; fewer only at the end of the file, 0 at and beyond it
   * @throws java.nio.file.NoSuchFileException if there is none of this name
   */
  int read(String name, long position, byte[] into, int offset, int length) throws IOException;

  /**
   * Cuts a file; what is left is synced on return. The file must not be appended to any more.
   *
   * @param size at most the present size, in bytes
   */
  void truncate(String name, long size) throws IOException;

  /** Removes a file; its name stays gone after a crash on return. */
  void delete(String name) throws IOException;

  @Override
  void close() throws IOException;

  /** Files in a folder of the file system, which is made if it is missing. */
  static LogStorage inFolder(Path folder) throws IOException {
    return new FileLogStorage(folder);
  }

  /** Files in memory, which can be made to crash. */
  static MemoryLogStorage inMemory() {
    return new MemoryLogStorage();
  }

  /** Refuses a name that could leave the folder or differ between file systems. */
  static void checkName(String name) {
    boolean legal =
        !name.isEmpty()
            && name.length() <= NAME_LENGTH_MAX
            && name.charAt(0) != '.'
            && name.chars()
                .allMatch(
                    c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-');
    if (!legal) {
      throw new IllegalArgumentException("not a name of a log file: `" + name + "`");
    }
  }
}
