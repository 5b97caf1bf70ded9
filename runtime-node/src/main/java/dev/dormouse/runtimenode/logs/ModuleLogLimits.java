package dev.dormouse.runtimenode.logs;

import java.time.Duration;

/**
 * Bounds of the module logs of a node.
 *
 * @param queuedBytes bytes of lines that wait to be written, for all databases; more are dropped
 * @param databaseQueuedBytes of them, for one database
 * @param crowdedQueuedBytes of them, for one database while more than half is taken: however many
 *     flood, the other half is for those that do not
 * @param fileBytes bytes of one database's lines of one UTC day; more are dropped
 * @param keptDays UTC days of one database's lines that are kept, the newest with lines always
 * @param keptBytes bytes of one database's lines that are kept; of more the oldest days go, but not
 *     the newest
 * @param tailBytes bytes from the end of a file that are searched for the last lines
 * @param followers readers of one database that wait for new lines
 * @param followerBytes bytes of lines that wait for one of them; one more line cuts it off
 * @param gather pause after writing, so that what comes in a stream is written in groups
 */
public record ModuleLogLimits(
    int queuedBytes,
    int databaseQueuedBytes,
    int crowdedQueuedBytes,
    long fileBytes,
    int keptDays,
    long keptBytes,
    int tailBytes,
    int followers,
    int followerBytes,
    Duration gather) {
  /**
   * 32 MiB waiting, of one database 8 MiB and in a crowd 128 KiB; 256 MiB a day, 14 days and 1 GiB
   * kept, 16 MiB searched, 64 followers, 8 MiB for each, a pause of 2 ms.
   */
  public static final ModuleLogLimits STANDARD =
      new ModuleLogLimits(
          32 << 20,
          8 << 20,
          128 << 10,
          256L << 20,
          14,
          1L << 30,
          16 << 20,
          64,
          8 << 20,
          Duration.ofMillis(2));

  public ModuleLogLimits {
    if (queuedBytes <= 0
        || fileBytes <= 0
        || keptDays <= 0
        || keptBytes < fileBytes
        || tailBytes <= 0
        || followers <= 0
        || followerBytes <= 0
        || gather.isNegative()) {
      throw new IllegalArgumentException(
          "every module log limit must be at least 1, and a day's file within what is kept");
    }
    if (crowdedQueuedBytes <= 0
        || databaseQueuedBytes < crowdedQueuedBytes
        || databaseQueuedBytes > queuedBytes / 2) {
      throw new IllegalArgumentException(
          "one database, %d bytes and in a crowd %d, must leave half of the %d that may wait"
              .formatted(databaseQueuedBytes, crowdedQueuedBytes, queuedBytes));
    }
  }
}
