package dev.dormouse.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The folder that holds everything a node keeps, held by one process at a time. The lock is the
 * operating system's and ends with the process, however that ends; the file's text (the pid of the
 * holder) only serves the message of the next one.
 *
 * <p>JDK only: {@link Preflight} runs this class from source before anything is built.
 */
final class DataFolder implements AutoCloseable {
  static final String LOCK_FILE = "dormouse.lock";

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private DataFolder(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /** Makes the folder if need be (readable by its owner only) and locks it. */
  static DataFolder open(Path path) throws StartRefused {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return lock(path);
    } catch (IOException e) {
      throw new StartRefused(
          "data folder %s cannot be used: %s. Choose another one with --data DIR."
              .formatted(path, e));
    }
  }

  private static DataFolder lock(Path path) throws IOException, StartRefused {
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK_FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(pid), 0);
        return new DataFolder(path, channel, lock);
      }
    } catch (OverlappingFileLockException heldByThisProcess) {
      // Told below: the pid in the file is our own.
    }
    String holder = holder(path).map(Processes::describe).orElse("another process");
    channel.close();
    throw new StartRefused(
        "data folder %s is in use by %s. Stop that process, or choose another folder with --data DIR."
            .formatted(path, holder));
  }

  private static Optional<Long> holder(Path path) {
    try {
      return Optional.of(Long.valueOf(Files.readString(path.resolve(LOCK_FILE)).strip()));
    } catch (IOException | NumberFormatException unreadable) {
      return Optional.empty();
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
