package dev.dormouse.snapshotstore;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.SnapshotLimits;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Chunks in a folder of this node, in the packed form, up to so many bytes; the least recently used
 * go first. Every chunk is verified by its hash when it is read; a damaged one counts as absent.
 *
 * <p>Nothing in it is needed: a failure of the folder is a warning and a miss. A folder belongs to
 * one process. Thread safe.
 */
public final class ChunkCache {
  private static final String INCOMING = "incoming";
  private static final Pattern DATABASE = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private record Key(String database, String hash) {}

  private record Found(Key key, long bytes, FileTime usedAt) {}

  private final Path folder;
  private final long bytesMax;
  private final long pendingBytesMax;
  private final SnapshotLimits limits;
  private final Executor writer;
  private final InstantSource clock;
  private final Consumer<String> warnings;

  // Below: guarded by this.
  private final Map<Key, Long> sizes = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;
  private long pendingBytes;

  private ChunkCache(
      Path folder,
      SnapshotStoreLimits limits,
      SnapshotLimits snapshotLimits,
      Executor writer,
      InstantSource clock,
      Consumer<String> warnings) {
    this.folder = folder;
    this.bytesMax = limits.cacheBytesMax();
    this.pendingBytesMax = limits.cachePendingBytesMax();
    this.limits = snapshotLimits;
    this.writer = writer;
    this.clock = clock;
    this.warnings = warnings;
  }

  /**
   * Opens a folder, which is made if it is missing, with what is in it.
   *
   * @param writer writes what is to be kept, so that whoever reads a chunk need not wait for it
   * @param clock marks what was used last, for the next open
   * @param warnings told what the operator should know
   * @throws IOException if the folder cannot be used
   */
  public static ChunkCache open(
      Path folder,
      SnapshotStoreLimits limits,
      SnapshotLimits snapshotLimits,
      Executor writer,
      InstantSource clock,
      Consumer<String> warnings)
      throws IOException {
    Path root = folder.toAbsolutePath().normalize();
    Files.createDirectories(root.resolve(INCOMING));
    ChunkCache cache = new ChunkCache(root, limits, snapshotLimits, writer, clock, warnings);
    cache.load();
    return cache;
  }

  private synchronized void load() throws IOException {
    List<Found> found = new ArrayList<>();
    try (DirectoryStream<Path> databases = Files.newDirectoryStream(folder)) {
      for (Path database : databases) {
        String name = String.valueOf(database.getFileName());
        if (name.equals(INCOMING) || DATABASE.matcher(name).matches()) {
          loadDatabase(name, database, found);
        }
      }
    }
    found.sort(Comparator.comparing(Found::usedAt));
    for (Found chunk : found) {
      sizes.put(chunk.key, chunk.bytes);
      bytes += chunk.bytes;
    }
    evict();
  }

  private static void loadDatabase(String database, Path files, List<Found> found)
      throws IOException {
    try (DirectoryStream<Path> chunks = Files.newDirectoryStream(files)) {
      for (Path chunk : chunks) {
        String hash = String.valueOf(chunk.getFileName());
        if (database.equals(INCOMING) || !HASH.matcher(hash).matches()) {
          Files.deleteIfExists(chunk); // Half written when the process ended.
          continue;
        }
        BasicFileAttributes attributes = Files.readAttributes(chunk, BasicFileAttributes.class);
        found.add(
            new Found(new Key(database, hash), attributes.size(), attributes.lastModifiedTime()));
      }
    }
  }

  private Path path(Key key) {
    return folder.resolve(key.database).resolve(key.hash);
  }

  /** A chunk of a database, verified. */
  Optional<Chunk> get(Identity database, ChunkHash hash) {
    Key key = new Key(database.toHex(), hash.toHex());
    synchronized (this) {
      if (sizes.get(key) == null) {
        return Optional.empty();
      }
    }
    try {
      Path file = path(key);
      Chunk chunk = Chunk.unpack(hash, Files.readAllBytes(file), limits);
      Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
      return Optional.of(chunk);
    } catch (NoSuchFileException e) {
      forget(key);
    } catch (IOException | DecodeException e) {
      warnings.accept("cached " + e.getMessage());
      remove(key);
    }
    return Optional.empty();
  }

  /** Keeps a chunk of a database soon, unless too much waits to be kept already. */
  void put(Identity database, ChunkHash hash, byte[] packed) {
    Key key = new Key(database.toHex(), hash.toHex());
    synchronized (this) {
      if (packed.length > Math.min(bytesMax, pendingBytesMax - pendingBytes)
          || sizes.get(key) != null) {
        return;
      }
      pendingBytes += packed.length;
    }
    writer.execute(() -> keep(key, packed));
  }

  private void keep(Key key, byte[] packed) {
    boolean written = false;
    try {
      write(key, packed);
      written = true;
    } catch (IOException e) {
      warnings.accept("chunk cache: " + e);
    }
    synchronized (this) {
      pendingBytes -= packed.length;
      if (written) {
        Long before = sizes.put(key, (long) packed.length);
        bytes += packed.length - (before == null ? 0 : before);
        evict();
      }
    }
  }

  private void write(Key key, byte[] packed) throws IOException {
    // Not synced: after a power cut its hash tells what it is worth.
    Path written = Files.createTempFile(folder.resolve(INCOMING), "", "");
    try {
      Files.write(written, packed);
      Files.setLastModifiedTime(written, FileTime.from(clock.instant()));
      Path file = path(key);
      Files.createDirectories(folder.resolve(key.database));
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  private synchronized void evict() {
    while (bytes > bytesMax) {
      remove(sizes.keySet().iterator().next());
    }
  }

  private synchronized void forget(Key key) {
    Long size = sizes.remove(key);
    bytes -= size == null ? 0 : size;
  }

  private synchronized void remove(Key key) {
    forget(key);
    try {
      Files.deleteIfExists(path(key));
    } catch (IOException e) {
      warnings.accept("chunk cache: " + e);
    }
  }

  /** Bytes of all chunks that are kept. */
  public synchronized long bytes() {
    return bytes;
  }

  /** How many chunks are kept. */
  public synchronized int chunks() {
    return sizes.size();
  }
}
