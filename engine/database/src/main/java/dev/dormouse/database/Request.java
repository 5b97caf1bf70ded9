package dev.dormouse.database;

import dev.dormouse.sats.EngineException;

/**
 * Something a database is asked to do, in its turn, on its lane. It does not know which awake life
 * of the database will do it, so that it can wait while one is restored.
 *
 * <p>Exactly one of {@link #execute}, {@link #refuseWrite} and {@link #refuse} is called, once.
 */
public abstract sealed class Request
    permits HttpCall,
        HttpSql,
        Publish,
        FallAsleep,
        Checkpoint,
        Durability,
        Join,
        Attach,
        Leave,
        Look,
        ClientCall,
        ClientProcedure,
        ClientSubscribe,
        ClientUnsubscribe,
        ClientQuery {
  Request() {}

  /** Does it; runs on the lane. Whoever asked is answered from within. */
  abstract void execute(Session session);

  /**
   * Heap that it holds while it waits, in bytes and about: what its caller has sent. The same at
   * every call.
   */
  public long bytes() {
    return 0;
  }

  /**
   * Whether it is queued however much waits: it must not be lost, and something else bounds how
   * many of its kind there are.
   */
  boolean isOwed() {
    return false;
  }

  /** Whether it makes new commits that can be done without while there is no room for them. */
  boolean isWrite() {
    return true;
  }

  /** Whether a database that is asked this is not idle. */
  boolean isUse() {
    return true;
  }

  /** Tells whoever asked that no commits are made now; runs on the lane, instead of the above. */
  void refuseWrite(Session session, EngineException why) {
    refuse(why);
  }

  /** Tells whoever asked that it will not be done; any thread, must not block. */
  public abstract void refuse(EngineException why);
}
