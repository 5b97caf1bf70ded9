package dev.dormouse.runtimenode.logs;

import dev.dormouse.database.ModuleLog;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
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

  private static final String SUFFIX = ".ndjson";

  private sealed interface Item {
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Line(Waiting of, LocalDate day, byte[] json) implements Item {}

    /** Something to do between lines: all before it are written and told, none behind it. */
    record Between(Runnable action) implements Item {}
  }

  /** One who reads on as lines are written. Called on the writing thread; must not block. */
  public interface Follower {
    /** A line that was written, as JSON with its line feed. */
    void line(byte[] json);

    /** Nothing more will come. */
    void ended();
  }

  /**
   * The beginning of a following.
   *
   * @param tail what was there, as {@link #tail} gives it; the first line told is the next one
   * @param stop ends it, if it was not ended
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  public record Following(byte[] tail, Runnable stop) {}

  /** What waits of one database. */
  private static final class Waiting {
    private final Identity database;
    private final AtomicLong bytes = new AtomicLong();

    Waiting(Identity database) {
      this.database = database;
    }
  }

  private final Path folder;
  private final ModuleLogLimits limits;
  private final InstantSource clock;
  private final ConcurrentLinkedQueue<Item> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Map<Identity, CopyOnWriteArrayList<Follower>> followers = new ConcurrentHashMap<>();

  /** Lines dropped for their own database's sake, since the last time it was told. */
  private final Map<Identity, AtomicLong> droppedOf = new ConcurrentHashMap<>();

  private final Thread writer;

  /** Whether the writer is to be woken for the next line. */
  private final AtomicBoolean resting = new AtomicBoolean();

  private volatile boolean ending;
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

  /** The bounds of these logs. */
  public ModuleLogLimits limits() {
    return limits;
  }

  /** The log of one database, for one of its lives: each has a share of the queue. */
  public ModuleLog of(Identity database) {
    Waiting waiting = new Waiting(database);
    return (timestampMicros, function, line) -> append(waiting, timestampMicros, function, line);
  }

  private void append(Waiting of, long timestampMicros, String function, LogRecord line) {
    byte[] json = LogLine.encode(timestampMicros, function, line);
    if (of.bytes.addAndGet(json.length) > share()) {
      of.bytes.addAndGet(-json.length);
      droppedOf.computeIfAbsent(of.database, absent -> new AtomicLong()).incrementAndGet();
      return;
    }
    if (queuedBytes.addAndGet(json.length) > limits.queuedBytes()) {
      queuedBytes.addAndGet(-json.length);
      of.bytes.addAndGet(-json.length);
      dropped.incrementAndGet();
      return;
    }
    hand(new Item.Line(of, day(timestampMicros), json));
  }

  private void hand(Item item) {
    queue.add(item);
    if (resting.compareAndSet(true, false)) {
      LockSupport.unpark(writer);
    }
  }

  /** Bytes of one database that may wait now. */
  private int share() {
    return queuedBytes.get() > limits.queuedBytes() / 2
        ? limits.crowdedQueuedBytes()
        : limits.databaseQueuedBytes();
  }

  private static LocalDate day(long timestampMicros) {
    return LocalDate.ofInstant(
        Instant.ofEpochSecond(Math.floorDiv(timestampMicros, 1_000_000L)), ZoneOffset.UTC);
  }

  private Path file(Identity database, LocalDate day) {
    return folder.resolve(database.toHex()).resolve(day + SUFFIX);
  }

  private void write() {
    while (true) {
      List<Item.Line> lines = new ArrayList<>();
      Optional<Runnable> between = Optional.empty();
      Item item = queue.poll();
      while (item instanceof Item.Line line) {
        lines.add(line);
        item = queue.poll();
      }
      if (item instanceof Item.Between(Runnable action)) {
        between = Optional.of(action);
      }
      if (lines.isEmpty() && between.isEmpty()) {
        if (closed) {
          return;
        }
        rest();
        continue;
      }
      writeGroup(lines);
      between.ifPresent(Runnable::run);
      LockSupport.parkNanos(this, limits.gather().toNanos());
    }
  }

  /** Waits for the next line. */
  private void rest() {
    resting.set(true);
    if (queue.isEmpty() && !closed) {
      LockSupport.park(this);
    }
    resting.set(false);
  }

  private void writeGroup(List<Item.Line> lines) {
    Map<Path, List<Item.Line>> byFile = new TreeMap<>();
    long bytes = 0;
    for (Item.Line line : lines) {
      byFile
          .computeIfAbsent(file(line.of().database, line.day()), file -> new ArrayList<>())
          .add(line);
      bytes += line.json().length;
    }
    byFile.forEach(this::appendTo);
    queuedBytes.addAndGet(-bytes);
    lines.forEach(line -> line.of().bytes.addAndGet(-line.json().length));
    tellOfDropped();
    lines.forEach(this::tell);
  }

  private void tellOfDropped() {
    long lost = dropped.getAndSet(0);
    if (lost > 0) {
      LOG.warnf(
          "%d module log lines dropped: over %d bytes were waiting, or %d in a day's file",
          lost, limits.queuedBytes(), limits.fileBytes());
    }
    droppedOf
        .entrySet()
        .removeIf(
            own -> {
              LOG.warnf(
                  "%d module log lines of database %s dropped: over its share was waiting, %d bytes, %d in a crowd",
                  own.getValue().get(),
                  own.getKey().toHex(),
                  limits.databaseQueuedBytes(),
                  limits.crowdedQueuedBytes());
              return true;
            });
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
    List<Follower> present = followers.get(line.of().database);
    if (present != null) {
      present.forEach(follower -> follower.line(line.json()));
    }
  }

  /**
   * The lines of a database's newest day that has any, as bytes; blocks.
   *
   * @param lines how many from the end, or empty for all that lie within the searched tail
   * @throws IOException if the file cannot be read
   */
  public byte[] tail(Identity database, OptionalInt lines) throws IOException {
    return readTail(between(() -> mark(database)), lines);
  }

  /** How far the newest file of a database goes; empty if it has none. */
  private record Mark(Path file, long size) {}

  private Optional<Mark> mark(Identity database) throws IOException {
    Optional<Path> newest = newestFile(database);
    return newest.isEmpty()
        ? Optional.empty()
        : Optional.of(new Mark(newest.get(), Files.size(newest.get())));
  }

  private byte[] readTail(Optional<Mark> mark, OptionalInt lines) throws IOException {
    if (mark.isEmpty()) {
      return new byte[0];
    }
    try (RandomAccessFile file = new RandomAccessFile(mark.get().file().toFile(), "r")) {
      long size = mark.get().size();
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
    return files(folder.resolve(database.toHex())).stream().max(Path::compareTo);
  }

  /** Does something on the writing thread, when all lines handed over so far are written. */
  private <T> T between(Callable<T> action) throws IOException {
    FutureTask<T> task = new FutureTask<>(action);
    hand(new Item.Between(task));
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for module log lines", e);
    } catch (ExecutionException e) {
      throw new IOException("module log lines: " + e.getCause(), e.getCause());
    }
  }

  /**
   * Hands new lines to a follower from where the tail ends, none left out and none twice; blocks.
   *
   * @param lines as for {@link #tail}
   * @return empty if the database has its most followers already
   * @throws IOException if the file cannot be read
   */
  public Optional<Following> follow(Identity database, OptionalInt lines, Follower follower)
      throws IOException {
    boolean[] added = new boolean[1];
    Optional<Mark> mark =
        between(
            () -> {
              added[0] = add(database, follower);
              if (ending) {
                endFollowings(database);
              }
              return mark(database);
            });
    if (!added[0]) {
      return Optional.empty();
    }
    boolean read = false;
    try {
      byte[] tail = readTail(mark, lines);
      read = true;
      return Optional.of(new Following(tail, () -> remove(database, follower)));
    } finally {
      if (!read) {
        remove(database, follower);
      }
    }
  }

  private boolean add(Identity database, Follower follower) {
    boolean[] added = new boolean[1];
    followers.compute(
        database,
        (key, present) -> {
          CopyOnWriteArrayList<Follower> list =
              present == null ? new CopyOnWriteArrayList<>() : present;
          if (list.size() < limits.followers()) {
            list.add(follower);
            added[0] = true;
          }
          return list;
        });
    return added[0];
  }

  private void remove(Identity database, Follower follower) {
    followers.computeIfPresent(
        database,
        (key, list) -> {
          list.remove(follower);
          return list.isEmpty() ? null : list;
        });
  }

  /** Ends all followings, for the end of the node: an answer that goes on would hold it up. */
  public void endFollowings() {
    ending = true;
    List.copyOf(followers.keySet()).forEach(this::endFollowings);
  }

  private void endFollowings(Identity database) {
    List<Follower> present = followers.remove(database);
    if (present != null) {
      present.forEach(Follower::ended);
    }
  }

  /** Deletes the files of a database, for good, and ends its followings; blocks. */
  public void delete(Identity database) throws IOException {
    between(
        () -> {
          endFollowings(database);
          deleteFiles(database);
          return true;
        });
  }

  /**
   * Removes what is older than it is kept, and the oldest of what is more than is kept, of all
   * databases; blocks. Never the newest file of a database, which may be written.
   *
   * @param dryRun whether to count only
   * @return how many bytes went, or would
   * @throws IOException if a file cannot be looked at or removed; what was removed before is gone
   */
  public long prune(boolean dryRun) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    LocalDate first = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    String oldest = first.minusDays(limits.keptDays() - 1L) + SUFFIX;
    long pruned = 0;
    try (DirectoryStream<Path> databases = Files.newDirectoryStream(folder)) {
      for (Path database : databases) {
        pruned += prune(database, oldest, dryRun);
      }
    }
    return pruned;
  }

  private long prune(Path database, String oldest, boolean dryRun) throws IOException {
    long kept = 0;
    long pruned = 0;
    List<Path> newestFirst = files(database).stream().sorted(Comparator.reverseOrder()).toList();
    for (int i = 0; i < newestFirst.size(); i++) {
      Path file = newestFirst.get(i);
      long size = Files.size(file);
      boolean old = file.getFileName().toString().compareTo(oldest) < 0;
      if (i > 0 && (old || kept + size > limits.keptBytes())) {
        pruned += size;
        if (!dryRun) {
          Files.delete(file);
        }
      } else {
        kept += size;
      }
    }
    return pruned;
  }

  private static List<Path> files(Path database) throws IOException {
    if (!Files.isDirectory(database)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(database)) {
      return files.filter(file -> file.getFileName().toString().endsWith(SUFFIX)).toList();
    }
  }

  private void deleteFiles(Identity database) throws IOException {
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
