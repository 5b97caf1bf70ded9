package dev.dormouse.runtimenode.logs;

import dev.dormouse.database.ModuleLog;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The log files of all modules of a node. Lanes hand lines over and never wait; one thread writes
 * them. Lines are not synced: a crash of the machine may lose the last of them.
 *
 * <p>Files: {@code <folder>/<database hex>/<UTC day>.ndjson}. Source: spec http-api §8.2.
 */
public final class ModuleLogs implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ModuleLogs.class);

  private sealed interface Item {
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Line(Identity database, LocalDate day, byte[] json) implements Item {}

    record Barrier(CountDownLatch reached) implements Item {}
  }

  private final Path folder;
  private final ModuleLogLimits limits;
  private final InstantSource clock;
  private final ConcurrentLinkedQueue<Item> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Map<Identity, CopyOnWriteArrayList<Consumer<byte[]>>> followers =
      new ConcurrentHashMap<>();
  private final Thread writer;
  private volatile boolean closed;

  /** Starts the writing thread; files go below the folder, which is made when it is needed. */
  public ModuleLogs(Path folder, ModuleLogLimits limits, InstantSource clock) {
    this.folder = folder;
    this.limits = limits;
    this.clock = clock;
    this.writer = new Thread(null, this::write, "module-logs", 256 << 10);
    writer.setDaemon(true);
    writer.start();
  }

  /** The log of one database. */
  public ModuleLog of(Identity database) {
    return (timestampMicros, function, line) -> append(database, timestampMicros, function, line);
  }

  private void append(Identity database, long timestampMicros, String function, LogRecord line) {
    byte[] json = LogLine.encode(timestampMicros, function, line);
    if (queuedBytes.addAndGet(json.length) > limits.queuedBytes()) {
      queuedBytes.addAndGet(-json.length);
      dropped.incrementAndGet();
      return;
    }
    queue.add(new Item.Line(database, day(timestampMicros), json));
    LockSupport.unpark(writer);
  }

  private static LocalDate day(long timestampMicros) {
    return LocalDate.ofInstant(
        Instant.ofEpochSecond(Math.floorDiv(timestampMicros, 1_000_000L)), ZoneOffset.UTC);
  }

  private Path file(Identity database, LocalDate day) {
    return folder.resolve(database.toHex()).resolve(day + ".ndjson");
  }

  private void write() {
    while (true) {
      List<Item> taken = new ArrayList<>();
      for (Item item = queue.poll(); item != null; item = queue.poll()) {
        taken.add(item);
      }
      if (taken.isEmpty()) {
        if (closed) {
          return;
        }
        LockSupport.park(this);
        continue;
      }
      writeGroup(taken);
    }
  }

  private void writeGroup(List<Item> items) {
    Map<Path, List<Item.Line>> byFile = new TreeMap<>();
    long bytes = 0;
    for (Item item : items) {
      if (item instanceof Item.Line line) {
        byFile
            .computeIfAbsent(file(line.database(), line.day()), file -> new ArrayList<>())
            .add(line);
        bytes += line.json().length;
      }
    }
    byFile.forEach(this::appendTo);
    queuedBytes.addAndGet(-bytes);
    long lost = dropped.getAndSet(0);
    if (lost > 0) {
      LOG.warnf(
          "%d module log lines dropped: over %d bytes were waiting", lost, limits.queuedBytes());
    }
    for (Item item : items) {
      switch (item) {
        case Item.Line line -> tell(line);
        case Item.Barrier(var reached) -> reached.countDown();
      }
    }
  }

  private void appendTo(Path file, List<Item.Line> lines) {
    try {
      Files.createDirectories(file.getParent());
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        long room = limits.fileBytes() - channel.size();
        int length = 0;
        for (Item.Line line : lines) {
          length += line.json().length <= room - length ? line.json().length : 0;
        }
        ByteBuffer buffer = ByteBuffer.allocate(length);
        for (Item.Line line : lines) {
          if (line.json().length <= buffer.remaining()) {
            buffer.put(line.json());
          } else {
            dropped.incrementAndGet();
          }
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    } catch (IOException e) {
      LOG.errorf(e, "cannot write %d module log lines to %s", lines.size(), file);
    }
  }

  private void tell(Item.Line line) {
    List<Consumer<byte[]>> waiting = followers.get(line.database());
    if (waiting != null) {
      waiting.forEach(follower -> follower.accept(line.json()));
    }
  }

  /**
   * The lines of a database's newest day that has any, as bytes; blocks.
   *
   * @param lines how many from the end, or empty for all that lie within the searched tail
   * @throws IOException if the file cannot be read
   */
  public byte[] tail(Identity database, OptionalInt lines) throws IOException {
    awaitWritten();
    Optional<Path> newest = newestFile(database);
    if (newest.isEmpty()) {
      return new byte[0];
    }
    try (RandomAccessFile file = new RandomAccessFile(newest.get().toFile(), "r")) {
      long size = file.length();
      int length = (int) Math.min(size, limits.tailBytes());
      byte[] bytes = new byte[length];
      file.seek(size - length);
      file.readFully(bytes);
      int start = length == size ? 0 : indexAfterNewline(bytes, 0);
      if (lines.isPresent()) {
        start = Math.max(start, startOfLast(bytes, lines.getAsInt()));
      }
      return Arrays.copyOfRange(bytes, start, length);
    }
  }

  private static int indexAfterNewline(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        return i + 1;
      }
    }
    return bytes.length;
  }

  private static int startOfLast(byte[] bytes, int lines) {
    int left = lines;
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] == '\n' && left-- == 0) {
        return i + 1;
      }
    }
    return 0;
  }

  private Optional<Path> newestFile(Identity database) throws IOException {
    Path own = folder.resolve(database.toHex());
    if (!Files.isDirectory(own)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(own)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".ndjson"))
          .max(Path::compareTo);
    }
  }

  private void awaitWritten() throws IOException {
    CountDownLatch reached = new CountDownLatch(1);
    queue.add(new Item.Barrier(reached));
    LockSupport.unpark(writer);
    try {
      reached.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for module log lines", e);
    }
  }

  /**
   * Hands new lines to a follower, on the writing thread, until the result is closed. A follower
   * must not block.
   *
   * @return empty if the database has its most followers already
   */
  public Optional<Runnable> follow(Identity database, Consumer<byte[]> follower) {
    boolean[] added = new boolean[1];
    followers.compute(
        database,
        (key, present) -> {
          CopyOnWriteArrayList<Consumer<byte[]>> list =
              present == null ? new CopyOnWriteArrayList<>() : present;
          if (list.size() < limits.followers()) {
            list.add(follower);
            added[0] = true;
          }
          return list;
        });
    if (!added[0]) {
      return Optional.empty();
    }
    return Optional.of(
        () ->
            followers.computeIfPresent(
                database,
                (key, list) -> {
                  list.remove(follower);
                  return list.isEmpty() ? null : list;
                }));
  }

  /** Deletes the files of a database, for good; blocks. */
  public void delete(Identity database) throws IOException {
    awaitWritten();
    Path own = folder.resolve(database.toHex());
    if (Files.isDirectory(own)) {
      try (Stream<Path> files = Files.list(own)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(own);
    }
  }

  /** Microseconds since the Unix epoch, for lines that the host writes. */
  public long nowMicros() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000L + now.getNano() / 1_000;
  }

  /** Writes what waits and ends the thread. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(writer);
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
