package dev.dormouse.database;

import dev.dormouse.sats.EngineException;

/**
 * Where the answer to one request goes. Exactly one of the two methods is called, once, by the lane
 * or, for a refusal, by any thread; neither may block or throw.
 */
public interface Reply<T> {
  /** The answer; whatever commit it rests on is durable if the request asked for that. */
  void done(T answer);

  /** The request was not carried out, or its outcome is not known to be durable. */
  void refused(EngineException why);
}
