package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.sats.Identity;
import dev.dormouse.snapshot.SnapshotLimits;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * All of the world that the residence of a node is handed.
 *
 * @param databases makes the context of a database that is about to be awake
 * @param journal the log of this node's disk
 * @param archive where the log is sent when a database falls asleep
 * @param archived where what is no longer in the journal is read from
 * @param workers threads that may block, for wakes and sleeps
 * @param clock the wall clock
 * @param nanoTime a clock that never steps back, in nanoseconds
 */
public record ResidenceContext(
    Contexts databases,
    Journal journal,
    LogLimits logLimits,
    Ownership ownership,
    SnapshotStore snapshots,
    SnapshotLimits snapshotLimits,
    Archive archive,
    ArchiveReader archived,
    Programs programs,
    Sockets sockets,
    Executor workers,
    InstantSource clock,
    LongSupplier nanoTime,
    ResidenceLimits limits) {
  /** Makes contexts. */
  public interface Contexts {
    /** The context of a database, with its own log and secret. */
    DatabaseContext of(DatabaseKey key, Epoch epoch, Identity owner);
  }
}
