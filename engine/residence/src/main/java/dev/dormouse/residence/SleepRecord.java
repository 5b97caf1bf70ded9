package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.database.Caller;
import dev.dormouse.sats.ModuleHash;
import java.util.List;

/**
 * What is remembered of a database while it sleeps.
 *
 * @param epoch under which it was awake
 * @param program what it runs, by its log: that counts, whatever the catalog was told of a publish
 * @param lastOffset offset of its last commit; a wake that finds less is refused
 * @param lastTimestamp the last timestamp that a call saw, in microseconds since the Unix epoch
 * @param sizeBytes bytes of live rows
 * @param connections who was connected; their sockets may still be open
 */
public record SleepRecord(
    DatabaseKey key,
    Epoch epoch,
    ModuleHash program,
    long lastOffset,
    long lastTimestamp,
    long sizeBytes,
    List<Caller> connections) {
  public SleepRecord {
    connections = List.copyOf(connections);
  }

  /** The same with these connections. */
  public SleepRecord with(List<Caller> held) {
    return new SleepRecord(key, epoch, program, lastOffset, lastTimestamp, sizeBytes, held);
  }
}
