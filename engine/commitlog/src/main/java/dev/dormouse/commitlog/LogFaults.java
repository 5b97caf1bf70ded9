package dev.dormouse.commitlog;

/**
 * What goes wrong in a {@link FaultyLogStorage}, counted from the moment the faults are armed.
 *
 * @param appendToFail the append that fails, the first being 1; 0 for none
 * @param bytesOfFailedAppend how many bytes of that append are written all the same, at most
 * @param syncToFail the sync that fails, the first being 1; 0 for none
 * @param createToFail the creation of a file that fails, the first being 1; 0 for none
 * @param removalToFail the deletion or truncation that fails, the first being 1; 0 for none
 * @param diskBytesMax bytes that all files together may hold; an append beyond it writes what fits
 */
public record LogFaults(
    long appendToFail,
    int bytesOfFailedAppend,
    long syncToFail,
    long createToFail,
    long removalToFail,
    long diskBytesMax) {
  /** Nothing goes wrong. */
  public static final LogFaults NONE = new LogFaults(0, 0, 0, 0, 0, Long.MAX_VALUE);

  /** The nth append fails after this many bytes. */
  public LogFaults failingAppend(long nth, int bytesWritten) {
    return new LogFaults(nth, bytesWritten, syncToFail, createToFail, removalToFail, diskBytesMax);
  }

  /** The nth sync fails. */
  public LogFaults failingSync(long nth) {
    return new LogFaults(
        appendToFail, bytesOfFailedAppend, nth, createToFail, removalToFail, diskBytesMax);
  }

  /** The nth creation of a file fails. */
  public LogFaults failingCreate(long nth) {
    return new LogFaults(
        appendToFail, bytesOfFailedAppend, syncToFail, nth, removalToFail, diskBytesMax);
  }

  /** The nth deletion or truncation fails. */
  public LogFaults failingRemoval(long nth) {
    return new LogFaults(
        appendToFail, bytesOfFailedAppend, syncToFail, createToFail, nth, diskBytesMax);
  }

  /** The disk is full at this many bytes. */
  public LogFaults withDisk(long bytesMax) {
    return new LogFaults(
        appendToFail, bytesOfFailedAppend, syncToFail, createToFail, removalToFail, bytesMax);
  }
}
