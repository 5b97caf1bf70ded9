package dev.dormouse.commitlog;

import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The durable log of all databases whose home is one disk.
 *
 * <p>Lanes append through a {@link JournalAppender} each. One thread, handed in by calling {@link
 * #writeGroup} in a loop, writes whatever has gathered with one append and one sync, and then tells
 * each database once what has become durable. Anyone may replay, archive and trim meanwhile.
 *
 * <p>The first failed append or sync stops the journal: every appender is over, every later append
 * is refused, and what was not durable is never acknowledged. The way on is {@link #resume}, or
 * {@link #close} and another {@link #open}.
 */
public final class Journal implements AutoCloseable {
  /** Gathers kept for use again: one being filled while the other is being written. */
  private static final int SPARE_GATHERS_MAX = 2;

  private enum State {
    OPEN,
    FAILED,
    CLOSED
  }

  private final LogStorage storage;
  private final LogLimits limits;
  private final RandomGenerator salts;
  private final Runnable wakeWriter;
  private final JournalIndex index;
  private final JournalTrim trim;

  private final Object gathering = new Object();
  // Below: guarded by gathering.
  private final Map<DatabaseKey, JournalAppender> appenders = new HashMap<>();
  private final ArrayDeque<Gather> full = new ArrayDeque<>();
  private final ArrayDeque<Gather> spare = new ArrayDeque<>();
  private Gather filling;
  private final JournalRoom room;
  private long gatherSerial;
  private long groupsWritten;
  private long recordsWritten;
  private long bytesWritten;
  private boolean writing;
  private boolean writerIdle;
  private State state = State.OPEN;
  private @Nullable Throwable failure;

  // Below: used by the writer's thread alone.
  private Optional<JournalTail> tail;
  private long nextSequence;
  private long nextGroup;

  private Journal(
      LogStorage storage,
      LogLimits limits,
      RandomGenerator salts,
      Runnable wakeWriter,
      JournalRecovery.Recovered recovered) {
    this.storage = storage;
    this.limits = limits;
    this.salts = salts;
    this.wakeWriter = wakeWriter;
    this.index = recovered.index();
    this.trim = new JournalTrim(storage, index);
    this.tail = recovered.tail();
    this.nextSequence = recovered.nextSequence();
    this.nextGroup = recovered.nextGroup();
    this.filling = new Gather();
    this.room = new JournalRoom(limits.undurableBytesMax());
  }

  /**
   * Opens the journal of a folder, which may be empty, after checking all that is in it.
   *
   * @param salts for marks in files that no stored data can imitate; used by the writer's thread
   * @param wakeWriter called when there is work after {@link #writeGroup} found none, by the thread
   *     that appended; must not block
   * @throws CorruptLogException if a file holds what was never written there
   */
  public static Journal open(
      LogStorage storage, LogLimits limits, RandomGenerator salts, Runnable wakeWriter)
      throws IOException {
    return new Journal(
        storage, limits, salts, wakeWriter, JournalRecovery.recover(storage, limits, salts));
  }

  /**
   * The way to append to a database's log, for one owner at a time.
   *
   * @param next the offset of the first record to come: in the epoch of the records that are there
   *     the one after the last; in a later epoch any
   * @throws IllegalStateException if there is an appender already, or one whose records are not all
   *     durable, or if the epoch or offset does not follow what is there
   */
  public JournalAppender appender(
      DatabaseKey key, Epoch epoch, TxOffset next, DurabilityListener listener) {
    JournalAppender appender = new JournalAppender(this, key, epoch, next, listener);
    synchronized (gathering) {
      requireOpen();
      if (appenders.containsKey(key)) {
        throw new IllegalStateException(key + " has an appender that is open or not drained");
      }
      appenders.put(key, appender);
    }
    try {
      index.begin(key, epoch, next);
      return appender;
    } catch (IllegalStateException e) {
      close(appender);
      throw e;
    }
  }

  void close(JournalAppender appender) {
    List<CompletableFuture<Void>> told;
    synchronized (gathering) {
      appender.markClosed();
      told = appender.isLost() ? List.of() : room.leave(appender);
      if (appender.isDrained() || state != State.OPEN) {
        appenders.remove(appender.key(), appender);
      }
    }
    complete(told);
  }

  private void requireOpen() {
    if (state != State.OPEN) {
      throw refusal();
    }
  }

  private void requireOpen(JournalAppender appender) {
    requireOpen();
    if (appender.isLost()) {
      throw EngineException.retry("the journal failed under this owner, and has gone on since");
    }
  }

  private EngineException refusal() {
    return failure == null
        ? EngineException.retry("the journal is closed")
        : new EngineException(
            EngineException.Code.OPERATOR, "the journal has failed: " + failure, failure);
  }

  // ---- gathering: lanes ----

  boolean tryReserve(JournalAppender appender, int bytes) {
    if (bytes > limits.commitBytesMax()) {
      throw EngineException.tenant(
          "commit of %d bytes, limit %d bytes".formatted(bytes, limits.commitBytesMax()));
    }
    synchronized (gathering) {
      requireOpen(appender);
      return room.tryTake(appender, bytes);
    }
  }

  void release(JournalAppender appender, long bytes) {
    if (bytes > 0) {
      List<CompletableFuture<Void>> told;
      synchronized (gathering) {
        told = appender.isLost() ? List.of() : room.give(bytes);
      }
      complete(told);
    }
  }

  private static void complete(List<CompletableFuture<Void>> told) {
    told.forEach(each -> each.complete(null));
  }

  CompletionStage<Void> space(JournalAppender appender, int bytes) {
    synchronized (gathering) {
      return state != State.OPEN || appender.isLost()
          ? CompletableFuture.completedStage(null)
          : room.await(appender, bytes);
    }
  }

  void append(JournalAppender appender, byte[] record, int offset, int length) {
    boolean wake;
    synchronized (gathering) {
      requireOpen(appender);
      requireNext(appender, record, offset, length);
      if (!filling.isEmpty() && filling.recordBytes() + (long) length > limits.groupBytesMax()) {
        full.add(filling);
        filling = freshGather();
      }
      filling.add(appender, record, offset, length, appender.next());
      appender.appended(appender.next());
      wake = writerIdle;
      writerIdle = false;
    }
    if (wake) {
      wakeWriter.run();
    }
  }

  private static void requireNext(JournalAppender appender, byte[] record, int offset, int length) {
    boolean isNext =
        !appender.isClosed()
            && length >= RecordFormat.BYTES_MIN
            && RecordFormat.sizeAt(record, offset) == length
            && LittleEndian.isKey(record, offset + RecordFormat.KEY, appender.key())
            && LittleEndian.getLong(record, offset + RecordFormat.EPOCH) == appender.epoch().value()
            && LittleEndian.getLong(record, offset + RecordFormat.OFFSET) == appender.next();
    if (!isNext) {
      throw new IllegalStateException(
          "not the record of %s at epoch %s, tx offset %d, or its appender is closed"
              .formatted(appender.key(), appender.epoch(), appender.next()));
    }
  }

  private Gather freshGather() {
    Gather gather = spare.isEmpty() ? new Gather() : spare.pop();
    gather.reset(++gatherSerial);
    return gather;
  }

  // ---- writing: the writer's thread ----

  /**
   * Writes what has gathered as one group, makes it durable, and tells whose it was. To be called
   * by one thread at a time, never interrupted.
   *
   * @return whether there was a group and it is durable now; otherwise there is nothing to do until
   *     {@code wakeWriter} is called, or the journal has failed
   */
  public boolean writeGroup() {
    Gather group;
    synchronized (gathering) {
      if (writing) {
        throw new IllegalStateException("two threads drive the writer");
      }
      if (state != State.OPEN) {
        return false;
      }
      if (full.isEmpty() && filling.isEmpty()) {
        writerIdle = true;
        return false;
      }
      if (full.isEmpty()) {
        group = filling;
        filling = freshGather();
      } else {
        group = full.remove();
      }
      writing = true;
    }
    try {
      write(group);
    } catch (IOException | RuntimeException e) {
      fail(e);
      return false;
    } catch (Error e) {
      fail(e);
      throw e;
    }
    publish(group);
    return true;
  }

  private void write(Gather group) throws IOException {
    JournalTail current = tailFor(group.length());
    long start = current.position();
    current.write(group.bytes(), group.length(), group.records(), nextGroup);
    nextGroup++;
    JournalFile file = current.file();
    index.extend(file, nextGroup, current.position());
    for (int slot = 0; slot < group.slots(); slot++) {
      Optional<String> wrong = index.add(group.appender(slot).key(), group.run(slot, file, start));
      if (wrong.isPresent()) {
        throw new IllegalStateException(wrong.get());
      }
    }
  }

  private JournalTail tailFor(int groupBytes) throws IOException {
    if (tail.isPresent()) {
      JournalTail current = tail.get();
      if (current.position() + groupBytes <= limits.fileBytesMax()) {
        return current;
      }
      current.close();
      index.seal(current.file());
      tail = Optional.empty();
    }
    return begin();
  }

  /** Begins the next file. */
  private JournalTail begin() throws IOException {
    JournalFormat.Header header =
        new JournalFormat.Header(nextSequence, nextGroup, salts.nextLong());
    JournalTail created = JournalTail.create(storage, header);
    nextSequence++;
    index.addFile(created.file());
    tail = Optional.of(created);
    return created;
  }

  private void publish(Gather group) {
    synchronized (gathering) {
      groupsWritten++;
      recordsWritten += group.records();
      bytesWritten += group.recordBytes();
      for (int slot = 0; slot < group.slots(); slot++) {
        JournalAppender appender = group.appender(slot);
        appender.madeDurable(group.last(slot));
        if (appender.isClosed() && appender.isDrained()) {
          appenders.remove(appender.key(), appender);
        }
      }
    }
    try {
      tellDurable(group);
    } finally {
      List<CompletableFuture<Void>> told;
      synchronized (gathering) {
        writing = false;
        told = room.give(group.recordBytes());
        group.reset(-1);
        if (spare.size() < SPARE_GATHERS_MAX && group.capacity() <= gatherBytesRetained()) {
          spare.push(group);
        }
      }
      complete(told);
    }
  }

  private static void tellDurable(Gather group) {
    RuntimeException thrown = null;
    for (int slot = 0; slot < group.slots(); slot++) {
      try {
        group.appender(slot).listener().durable(new TxOffset(group.last(slot)));
      } catch (RuntimeException e) {
        thrown = firstOf(thrown, e);
      }
    }
    if (thrown != null) {
      throw thrown; // A listener's bug; everyone else has been told, and the journal goes on.
    }
  }

  /** A gather that grew for one large record is not kept; doubling may overshoot the group's. */
  private long gatherBytesRetained() {
    return 2L * limits.groupBytesMax() + JournalFormat.GROUP_BYTES;
  }

  private static RuntimeException firstOf(@Nullable RuntimeException first, RuntimeException next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }

  private void fail(Throwable cause) {
    List<JournalAppender> lost;
    List<CompletableFuture<Void>> told;
    synchronized (gathering) {
      state = State.FAILED;
      failure = cause;
      writing = false;
      lost = new ArrayList<>(appenders.values());
      lost.forEach(JournalAppender::markLost);
      appenders.clear();
      full.clear();
      filling = new Gather();
      told = room.reset();
    }
    lost.sort((one, other) -> one.key().compareTo(other.key()));
    for (JournalAppender appender : lost) {
      try {
        appender.listener().failed(cause);
      } catch (RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
    complete(told);
  }

  /**
   * Goes on after a failed append or sync. What was not durable is cut off the disk for good, so
   * that no later start can find what nobody was told of; then a new file is begun, which shows
   * that the disk takes bytes again. To be called by the writer's thread.
   *
   * @throws IOException if the disk still fails; nothing has changed then, and this may be called
   *     again
   * @throws IllegalStateException if the journal has not failed, or not for lack of its disk
   */
  public void resume() throws IOException {
    synchronized (gathering) {
      if (state != State.FAILED || !(failure instanceof IOException)) {
        throw new IllegalStateException("a journal that is " + state + " cannot resume", failure);
      }
    }
    if (tail.isPresent()) {
      JournalTail broken = tail.get();
      broken.abandon(storage);
      if (!index.settle(broken.file())) {
        deleteIfThere(broken.file().name);
      }
      tail = Optional.empty();
    }
    deleteIfThere(JournalFormat.fileName(nextSequence)); // Begun, and not finished.
    begin();
    synchronized (gathering) {
      if (state == State.FAILED) {
        state = State.OPEN;
        failure = null;
      }
    }
  }

  private void deleteIfThere(String name) throws IOException {
    if (storage.list().contains(name)) {
      storage.delete(name);
    }
  }

  /** Why the journal has failed, if it has. */
  public Optional<Throwable> failure() {
    synchronized (gathering) {
      return Optional.ofNullable(failure);
    }
  }

  // ---- reading: anyone ----

  /** The offset of a database's newest durable record here; nothing if there is none to keep. */
  public Optional<TxOffset> last(DatabaseKey key) {
    return index.last(key);
  }

  /** What is durable here of a database, in the order written; stretches may overlap or be void. */
  public List<LogRange> ranges(DatabaseKey key) {
    return index.ranges(key);
  }

  /**
   * Hands out a database's durable records from an offset on, merged over epochs; none any more of
   * a database of which all may go.
   *
   * @throws MissingRecordsException if one is not here though later ones are; those before it have
   *     been handed out
   * @throws CorruptLogException if a file is damaged where it is read
   */
  public void replay(DatabaseKey key, TxOffset from, RecordVisitor visitor) throws IOException {
    replay(key, from, new TxOffset(Long.MAX_VALUE), visitor);
  }

  /**
   * As {@link #replay(DatabaseKey, TxOffset, RecordVisitor)}, up to an offset.
   *
   * @param to the last offset handed out, if it is there
   */
  public void replay(DatabaseKey key, TxOffset from, TxOffset to, RecordVisitor visitor)
      throws IOException {
    new JournalReplay(storage, index, key)
        .run(
            from,
            to,
            record -> {
              visitor.record(record);
              return true;
            });
  }

  /**
   * Encoded records for a segment object: as many from an offset on as are of one epoch and fit.
   *
   * @param to the last offset wanted
   * @throws MissingRecordsException if the first is not here
   */
  public RecordBatch batch(DatabaseKey key, TxOffset from, TxOffset to) throws IOException {
    RecordBatch.Builder batch = new RecordBatch.Builder(limits.segmentBytesMax());
    new JournalReplay(storage, index, key).run(from, to, batch::add);
    if (batch.isEmpty()) {
      throw new MissingRecordsException(key, from, to);
    }
    return batch.build(key);
  }

  // ---- archiving: anyone ----

  /** What of all databases is neither archived nor void, ordered by database. */
  public List<LogRange> unarchived() {
    return index.unarchived();
  }

  /** What little keeps files alive that are not appended to any more, oldest file first. */
  public List<Straggler> stragglers() {
    return index.stragglers();
  }

  /**
   * Tells that a database's records need not be kept here up to an offset: they are archived, and
   * whatever else the caller demands. Not remembered over a restart.
   *
   * @param offset the last one archived
   */
  public void archivedUpTo(DatabaseKey key, TxOffset offset) {
    index.archivedUpTo(key, offset);
  }

  /**
   * Tells that nothing of a database need be kept here: it was deleted, or its generation was
   * superseded. Not remembered over a restart.
   *
   * @throws IllegalStateException if it has an appender that is open or not drained
   */
  public void forget(DatabaseKey key) {
    synchronized (gathering) {
      if (appenders.containsKey(key)) {
        throw new IllegalStateException(key + " has an appender that is open or not drained");
      }
    }
    index.forget(key);
  }

  /** Whether a database has no appender that is open, or whose records are not all durable. */
  public boolean isDrained(DatabaseKey key) {
    synchronized (gathering) {
      return !appenders.containsKey(key);
    }
  }

  /** Removes the files of which nothing need be kept, except the one being appended to. */
  public TrimReport trim() throws IOException {
    return trim.run();
  }

  /** Where the journal stands. */
  public JournalFigures figures() {
    int files = index.fileCount();
    long fileBytes = index.bytes();
    int entries = index.runCount();
    synchronized (gathering) {
      return new JournalFigures(
          groupsWritten, recordsWritten, bytesWritten, room.taken(), files, fileBytes, entries);
    }
  }

  /**
   * Ends the journal; the storage stays open. The writer's thread must have stopped; what it has
   * not written is lost, so a clean stop first calls {@link #writeGroup} until it returns false.
   */
  @Override
  public void close() throws IOException {
    List<CompletableFuture<Void>> told;
    synchronized (gathering) {
      if (writing) {
        throw new IllegalStateException("the writer is at work");
      }
      if (state == State.OPEN) {
        state = State.CLOSED;
      }
      appenders.values().forEach(JournalAppender::markLost);
      appenders.clear();
      told = room.reset();
    }
    complete(told);
    if (tail.isPresent()) {
      tail.get().close();
    }
  }
}
