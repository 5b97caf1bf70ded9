package dev.dormouse.database;

import dev.dormouse.sats.EngineException;

/** Answers the offset of the last commit once it is durable. */
final class Durability extends Request {
  private final Reply<Long> reply;

  Durability(Reply<Long> reply) {
    this.reply = reply;
  }

  @Override
  boolean isWrite() {
    return false;
  }

  @Override
  void execute(Session session) {
    session.answerDurably(reply, session.commits().lastOffset());
  }

  @Override
  public void refuse(EngineException why) {
    reply.refused(why);
  }
}
