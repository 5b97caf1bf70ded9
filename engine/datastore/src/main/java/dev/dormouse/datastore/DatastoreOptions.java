package dev.dormouse.datastore;

import dev.dormouse.sats.Identity;

/**
 * What a datastore is told at its start.
 *
 * @param database whose data it is
 * @param hashSecret keys the hashes of data that clients choose; random, kept from them, and free
 *     to differ at every start
 */
public record DatastoreOptions(Identity database, long hashSecret, DatastoreLimits limits) {}
