package dev.dormouse.database;

import dev.dormouse.sats.EngineException;

/**
 * Who keeps an awake database hears of it here. Called on the lane, or on the log writer's thread
 * for {@link #failed}; must not block.
 */
public interface DatabaseObserver {
  /** A guest trapped; for the server's log, not the module's. */
  void trapped(String function, String detail);

  /** The database has ended: nothing of it can be trusted but its log. Called at most once. */
  void failed(Throwable cause);

  /**
   * A request was queued and will not be executed in this life of the database: to be refused, or
   * kept for the next life; any thread.
   */
  void leftOver(Request request, EngineException why);
}
