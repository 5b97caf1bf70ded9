package dev.dormouse.commitlog;

/**
 * A gapless stretch of one database's records in the journal, all of one epoch.
 *
 * @param key whose records
 * @param epoch under which they were written
 * @param first the first offset
 * @param last the last offset
 * @param bytes of the records; where only a part of an indexed stretch is meant, an upper bound
 */
public record LogRange(DatabaseKey key, Epoch epoch, TxOffset first, TxOffset last, long bytes) {}
