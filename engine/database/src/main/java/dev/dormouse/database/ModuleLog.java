package dev.dormouse.database;

import dev.dormouse.modulehost.LogRecord;

/**
 * Where a database's log lines go: what its module writes and what the host adds. Called on the
 * lane, so it must not block on storage; lines may be dropped at a limit, with a note of how many.
 */
public interface ModuleLog {
  /**
   * Adds a line.
   *
   * @param timestampMicros microseconds since the Unix epoch
   * @param function canonical name of the function that runs, or empty
   */
  void append(long timestampMicros, String function, LogRecord line);
}
