package dev.dormouse.query;

import dev.dormouse.sats.Identity;

/**
 * On whose behalf a statement is compiled.
 *
 * @param identity what {@code :sender} stands for
 * @param owner whether private tables are visible and writing is allowed
 */
public record Caller(Identity identity, boolean owner) {}
