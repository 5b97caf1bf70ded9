package dev.dormouse.runtimenode.databases;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;

/**
 * A database as the directory knows it.
 *
 * @param key its identity, and the life it is in
 * @param owner who published it
 * @param firstProgram what this life began with
 * @param program what it runs
 * @param isLocked whether delete and reset are refused
 */
public record Registered(
    DatabaseKey key,
    Identity owner,
    ModuleHash firstProgram,
    ModuleHash program,
    boolean isLocked) {
  /** Its identity. */
  public Identity identity() {
    return key.database();
  }
}
