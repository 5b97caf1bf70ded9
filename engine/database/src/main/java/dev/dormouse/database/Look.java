package dev.dormouse.database;

import dev.dormouse.sats.EngineException;

/** Nothing to do: what a database does by itself when it wakes is all that is wanted. */
public final class Look extends Request {
  @Override
  boolean isWrite() {
    return false;
  }

  @Override
  void execute(Session session) {}

  @Override
  public void refuse(EngineException why) {
    // Nobody waits; the database's own state says what became of it.
  }
}
