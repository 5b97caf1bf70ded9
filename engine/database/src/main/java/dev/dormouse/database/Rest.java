package dev.dormouse.database;

import dev.dormouse.datastore.Capture;
import dev.dormouse.sats.ModuleHash;
import java.util.List;

/**
 * The state of an awake database: what is left of it when it falls asleep, or a checkpoint on the
 * way. All of it is durable in the log.
 *
 * @param capture its state; whoever takes the rest closes it
 * @param module what it ran
 * @param lastOffset offset of its last commit
 * @param lastTimestamp the last timestamp that a call saw, in microseconds since the Unix epoch
 * @param connections who is connected: their sockets may stay open
 * @param sizeBytes bytes of live rows
 */
public record Rest(
    Capture capture,
    ModuleHash module,
    long lastOffset,
    long lastTimestamp,
    List<Caller> connections,
    long sizeBytes) {
  public Rest {
    connections = List.copyOf(connections);
  }
}
