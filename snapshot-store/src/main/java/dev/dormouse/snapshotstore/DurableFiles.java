package dev.dormouse.snapshotstore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Whole files below one folder that are there or not, and never in part: each is written and synced
 * elsewhere in the folder first and then gets its name, which is synced too.
 *
 * <p>Thread safe. Two processes may share the folder as long as its file system has hard links.
 */
final class DurableFiles {
  /** Where files are written before they get their names; begins with a dot so nothing lists it. */
  private static final String INCOMING = ".incoming";

  private static final String PROBE = ".probe";

  private final Path root;
  private final Path incoming;

  /** Forgetting them costs a sync each, and no more. */
  private static final int DURABLE_FOLDERS_MAX = 4096;

  /** Folders that are known to survive a crash. */
  private final Set<Path> durableFolders = ConcurrentHashMap.newKeySet();

  /** Held to read by whoever needs a folder to be there, to write by whoever removes one. */
  private final ReadWriteLock folders = new ReentrantReadWriteLock();

  private DurableFiles(Path root) {
    this.root = root;
    this.incoming = root.resolve(INCOMING);
  }

  /**
   * Opens a folder, which is made if it is missing, and tries out what its file system must do.
   *
   * @throws IOException if it does not
   */
  static DurableFiles open(Path folder) throws IOException {
    Path root = folder.toAbsolutePath().normalize();
    Files.createDirectories(root);
    DurableFiles files = new DurableFiles(root);
    files.ensureFolder(files.incoming);
    files.removeLeftovers();
    files.probe();
    return files;
  }

  /** What a crash left half written. Another process whose file goes thereby gets an error. */
  private void removeLeftovers() throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(incoming)) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  private void probe() throws IOException {
    Path probe = root.resolve(PROBE);
    Files.deleteIfExists(probe);
    try {
      if (!create(probe, new byte[] {1}) || create(probe, new byte[] {2})) {
        throw new IOException("a second file of one name is not refused");
      }
      if (read(probe).orElseThrow()[0] != 1) {
        throw new IOException("a file was overwritten by one that was refused");
      }
    } catch (IOException | UnsupportedOperationException e) {
      throw new IOException(
          "folder %s cannot be used, its file system fails the probe: %s".formatted(root, e), e);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  Path root() {
    return root;
  }

  /**
   * Creates a file unless there is one; durable on return, whoever created it.
   *
   * @return whether this call created it
   */
  boolean create(Path target, byte[] content) throws IOException {
    Path folder = parent(target);
    Path written = write(content);
    boolean created;
    folders.readLock().lock();
    try {
      ensureFolder(folder);
      // A link and not a move: Java's move without replacing looks first and then renames.
      Files.createLink(target, written);
      created = true;
    } catch (FileAlreadyExistsException e) {
      created = false;
    } catch (NoSuchFileException e) {
      durableFolders.clear(); // Somebody else removed one of them: the next try makes it again.
      throw e;
    } finally {
      folders.readLock().unlock();
      Files.deleteIfExists(written);
    }
    sync(folder);
    return created;
  }

  /** Creates a file or replaces it as a whole; durable on return. */
  void replace(Path target, byte[] content) throws IOException {
    Path folder = parent(target);
    Path written = write(content);
    folders.readLock().lock();
    try {
      ensureFolder(folder);
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      folders.readLock().unlock();
      Files.deleteIfExists(written);
    }
    sync(folder);
  }

  /** A file's content. */
  Optional<byte[]> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** A file's first bytes, all of it if it has no more. */
  Optional<byte[]> readFirst(Path file, int bytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(in.readNBytes(bytes));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Changes when a file that is there was modified; it is durable under its name on return. */
  void touch(Path file, Instant modified) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(modified));
    sync(parent(file));
  }

  /** Deletes a file, if there is one; gone for good on return. */
  void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      sync(parent(file));
    }
  }

  /**
   * Removes a folder that is empty, and those above it that thereby become so; gone for good on
   * return. One that is not empty stays.
   */
  void removeFolder(Path folder) throws IOException {
    Path above = parent(folder);
    if (!folder.equals(root)) {
      folders.writeLock().lock();
      try {
        Files.deleteIfExists(folder);
        durableFolders.remove(folder);
      } catch (DirectoryNotEmptyException e) {
        sync(folder);
        return;
      } finally {
        folders.writeLock().unlock();
      }
      if (Files.isDirectory(above)) {
        sync(above);
      }
      if (!above.equals(root)) {
        removeFolder(above);
      }
    }
  }

  private Path parent(Path target) {
    Path parent = target.getParent();
    if (parent == null || !target.startsWith(root)) {
      throw new IllegalArgumentException(target + " is not in " + root);
    }
    return parent;
  }

  private Path write(byte[] content) throws IOException {
    Path file = Files.createTempFile(incoming, "", "");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return file;
  }

  /** Makes a folder and those above it, and their names durable. */
  private void ensureFolder(Path folder) throws IOException {
    if (durableFolders.contains(folder)) {
      return;
    }
    Path above = folder.getParent();
    if (above == null) {
      return;
    }
    if (!folder.equals(root)) {
      ensureFolder(above);
    }
    Files.createDirectories(folder);
    sync(above);
    if (durableFolders.size() >= DURABLE_FOLDERS_MAX) {
      durableFolders.clear();
    }
    durableFolders.add(folder);
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
