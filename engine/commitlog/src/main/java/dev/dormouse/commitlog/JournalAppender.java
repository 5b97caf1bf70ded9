package dev.dormouse.commitlog;

import dev.dormouse.sats.EngineException;
import java.util.concurrent.CompletionStage;

/**
 * One owner's way to append to one database's log. Used by one thread at a time: the database's
 * lane.
 *
 * <p>Per commit: encode the record, {@link #tryReserve} its bytes, merge the transaction, {@link
 * #append}. Where the reservation is refused the lane waits for {@link #space} and tries again.
 */
public final class JournalAppender implements AutoCloseable {
  private final Journal journal;
  private final DatabaseKey key;
  private final Epoch epoch;
  private final DurabilityListener listener;

  private int reserved;

  // Below: guarded by the journal's gathering lock.
  private long next;
  private long durableBelow;
  private boolean closed;

  /** The journal failed or was closed under it: nothing of it counts any more. */
  private boolean lost;

  /** Room set aside since it waited for it, in bytes; 0 for none. */
  private int granted;

  private long slotSerial = -1;
  private int slot;

  JournalAppender(
      Journal journal, DatabaseKey key, Epoch epoch, TxOffset next, DurabilityListener listener) {
    this.journal = journal;
    this.key = key;
    this.epoch = epoch;
    this.next = next.value();
    this.durableBelow = next.value();
    this.listener = listener;
  }

  /** Whose log. */
  public DatabaseKey key() {
    return key;
  }

  /** Under which ownership. */
  public Epoch epoch() {
    return epoch;
  }

  /**
   * Sets room for one record aside, so that its {@link #append} cannot be refused for lack of it.
   *
   * @return whether there was room; otherwise wait for {@link #space}
   * @throws EngineException if the journal has failed or is closed, or the record is too large
   */
  public boolean tryReserve(int bytes) {
    if (reserved != 0) {
      throw new IllegalStateException("%d bytes are reserved already".formatted(reserved));
    }
    if (!journal.tryReserve(this, bytes)) {
      return false;
    }
    reserved = bytes;
    return true;
  }

  /** Gives a reservation back without appending. */
  public void cancelReservation() {
    journal.release(this, reserved);
    reserved = 0;
  }

  /**
   * Completes when a reservation of this size is worth another try: when room has been set aside
   * for it, in the order in which owners asked for this, or the journal has failed. Completed by
   * the writer's thread, so that what depends on it must be short, or run elsewhere.
   */
  public CompletionStage<Void> space(int bytes) {
    return journal.space(this, bytes);
  }

  /**
   * Hands a finished record over, in the room reserved for it. Copies; does not wait for the disk.
   *
   * @throws EngineException if the journal has failed or is closed; the listener hears it too
   * @throws IllegalStateException if the record is not this log's next one, or has no room
   */
  public void append(CommitRecordWriter record) {
    if (!record.isFinished()) {
      throw new IllegalStateException("the record is not finished");
    }
    append(record.buffer(), 0, record.length());
  }

  /** Hands one encoded record over; see {@link #append(CommitRecordWriter)}. */
  public void append(byte[] record, int offset, int length) {
    if (length > reserved) {
      throw new IllegalStateException(
          "record of %d bytes in a reservation of %d".formatted(length, reserved));
    }
    journal.append(this, record, offset, length);
    if (length < reserved) {
      journal.release(this, reserved - length);
    }
    reserved = 0;
  }

  /**
   * Ends appending. What was appended still becomes durable, and the listener still hears of it;
   * until then no other owner can append to this log.
   */
  @Override
  public void close() {
    cancelReservation();
    journal.close(this);
  }

  DurabilityListener listener() {
    return listener;
  }

  long next() {
    return next;
  }

  void appended(long offset) {
    next = offset + 1;
  }

  void madeDurable(long last) {
    durableBelow = last + 1;
  }

  boolean isDrained() {
    return durableBelow == next;
  }

  boolean isClosed() {
    return closed;
  }

  void markClosed() {
    closed = true;
  }

  boolean isLost() {
    return lost;
  }

  void markLost() {
    lost = true;
    granted = 0;
  }

  void grant(int bytes) {
    granted = bytes;
  }

  int granted() {
    return granted;
  }

  int slotIn(long serial) {
    return slotSerial == serial ? slot : -1;
  }

  void useSlot(long serial, int newSlot) {
    slotSerial = serial;
    slot = newSlot;
  }
}
