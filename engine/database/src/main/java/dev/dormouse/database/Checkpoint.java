package dev.dormouse.database;

import dev.dormouse.sats.EngineException;

/**
 * Captures the state while the database goes on, so that it can be stored and the log before it may
 * go. Answered once all that is in the capture is durable; the capture costs the lane microseconds.
 */
public final class Checkpoint extends Request {
  private final Reply<Rest> reply;

  /** A wish for the state; whoever is answered closes the capture. */
  public Checkpoint(Reply<Rest> reply) {
    this.reply = reply;
  }

  @Override
  boolean isWrite() {
    return false;
  }

  @Override
  void execute(Session session) {
    Rest rest = session.rest();
    session.whenDurable(
        () -> reply.done(rest),
        () -> {
          rest.capture().close();
          reply.refused(session.ended());
        });
  }

  @Override
  public void refuse(EngineException why) {
    reply.refused(why);
  }
}
