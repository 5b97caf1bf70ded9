package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import java.util.Optional;

/**
 * Ends an awake life in good order, if nothing is going on: no request waits and everything is
 * durable. Answers what is left; empty if something was going on, and then nothing happened.
 */
public final class FallAsleep extends Request {
  private final Reply<Optional<Rest>> reply;

  /** A wish to sleep. */
  public FallAsleep(Reply<Optional<Rest>> reply) {
    this.reply = reply;
  }

  @Override
  boolean isWrite() {
    return false;
  }

  @Override
  boolean isUse() {
    return false;
  }

  @Override
  void execute(Session session) {
    long last = session.commits().lastOffset();
    if (session.lane().queuedCount() > 0
        || session.durable() < last
        || session.audience().isHolding()) {
      reply.done(Optional.empty());
      return;
    }
    Rest rest = session.rest();
    // The next life may begin as soon as the answer is out, so it is given last of all.
    if (!session.end(() -> reply.done(Optional.of(rest)))) {
      rest.capture().close();
      reply.done(Optional.empty());
    }
  }

  @Override
  public void refuse(EngineException why) {
    reply.refused(why);
  }
}
