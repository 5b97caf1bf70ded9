package dev.dormouse.commitlog;

/**
 * Where a journal stands, for metrics.
 *
 * @param groups written since it was opened
 * @param records written since it was opened
 * @param recordBytes written since it was opened
 * @param undurableBytes reserved, gathered or in flight
 * @param files on the disk
 * @param fileBytes in them
 * @param indexEntries in memory
 */
public record JournalFigures(
    long groups,
    long records,
    long recordBytes,
    long undurableBytes,
    int files,
    long fileBytes,
    int indexEntries) {}
