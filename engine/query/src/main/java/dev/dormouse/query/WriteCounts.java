package dev.dormouse.query;

/**
 * What a writing statement did. Source: spec sql-and-subscriptions §8.
 *
 * @param inserted rows that INSERT or SET added; a row that was there already is not counted
 * @param deleted rows that DELETE removed
 * @param updated rows that matched an UPDATE, also those it left as they were
 */
public record WriteCounts(long inserted, long deleted, long updated) {}
