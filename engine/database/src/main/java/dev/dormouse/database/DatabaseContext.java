package dev.dormouse.database;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.subscription.SubscriptionLimits;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * All of the world that one awake database is handed.
 *
 * @param key which database, in which life
 * @param epoch under which ownership its commits are written
 * @param owner who published it
 * @param lanes threads with a fixed stack, shared with other databases
 * @param journal where commits become durable
 * @param clock the wall clock
 * @param nanoTime a clock that never steps back, in nanoseconds
 * @param writes whether new commits may be made
 * @param watch stops guests over budget
 * @param memory of the node, shared with its other databases
 * @param log where the module's log lines go
 * @param hashSecret keys the hashes of client-chosen data
 * @param limits bounds of calls, queries and queues
 * @param storeLimits bounds of rows and transactions
 * @param instanceLimits bounds of the guest
 * @param queryLimits bounds of SQL texts
 * @param subscriptionLimits bounds of query sets
 */
public record DatabaseContext(
    DatabaseKey key,
    Epoch epoch,
    Identity owner,
    Executor lanes,
    Journal journal,
    InstantSource clock,
    LongSupplier nanoTime,
    WriteAdmission writes,
    CallWatch watch,
    MemoryBudget memory,
    ModuleLog log,
    long hashSecret,
    DatabaseLimits limits,
    DatastoreLimits storeLimits,
    InstanceLimits instanceLimits,
    QueryLimits queryLimits,
    SubscriptionLimits subscriptionLimits) {
  /** The database's identity. */
  public Identity identity() {
    return key.database();
  }

  /** What its store is told. */
  public DatastoreOptions storeOptions() {
    return new DatastoreOptions(identity(), hashSecret, storeLimits, memory);
  }
}
