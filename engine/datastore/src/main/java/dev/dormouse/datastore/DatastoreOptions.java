package dev.dormouse.datastore;

import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;

/**
 * What a datastore is told at its start.
 *
 * @param database whose data it is
 * @param hashSecret keys the hashes of data that clients choose; random, kept from them, and free
 *     to differ at every start
 * @param memory of the node, of which tables and transactions take their share
 */
public record DatastoreOptions(
    Identity database, long hashSecret, DatastoreLimits limits, MemoryBudget memory) {
  /** Of a node whose memory is bounded elsewhere, or of none. */
  public DatastoreOptions(Identity database, long hashSecret, DatastoreLimits limits) {
    this(database, hashSecret, limits, MemoryBudget.unlimited());
  }
}
