package dev.dormouse.commitlog;

/**
 * A small unarchived stretch that keeps an old journal file alive; worth archiving early.
 *
 * @param file name of the journal file
 * @param range what to archive
 */
public record Straggler(String file, LogRange range) {}
