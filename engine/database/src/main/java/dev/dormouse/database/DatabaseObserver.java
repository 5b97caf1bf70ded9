package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import java.util.List;

/**
 * Who keeps an awake database hears of it here. Called on the lane, or on the log writer's thread
 * for {@link #failed}; must not block.
 */
public interface DatabaseObserver {
  /** A guest trapped; for the server's log, not the module's. */
  void trapped(String function, String detail);

  /** A client's connection could not be told something: a bug of its edge; it is ended. */
  void clientFailed(Caller client, RuntimeException cause);

  /** The database has ended: nothing of it can be trusted but its log. Called at most once. */
  void failed(Throwable cause);

  /**
   * This life is over, and these requests were queued and will not be executed in it: to be
   * refused, or kept for the next life, before whatever is submitted from now on. Called once, by
   * any thread, before {@link #failed} and before whoever put it to sleep is answered.
   *
   * @param requests in the order in which they were submitted
   */
  void leftOver(List<Request> requests, EngineException why);
}
