package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which node may write which database, and what the last one left. Thread safe; blocks.
 *
 * <p>A single node that holds the lock on its data folder keeps its databases through their sleep,
 * so taking one again costs it no write.
 */
public interface Ownership {
  /** The epoch under which a database is made. */
  Epoch FIRST = new Epoch(1);

  /**
   * What an owner finds.
   *
   * @param epoch under which it may write; higher than that of any owner before this node's session
   * @param owner who published the database
   * @param lastSleep what the last sleep recorded, if the database ever slept
   */
  record Owned(Epoch epoch, Identity owner, Optional<SleepRecord> lastSleep) {}

  /**
   * Takes a database for this node's session.
   *
   * @throws dev.dormouse.sats.EngineException if there is no such database, or another node has it
   */
  Owned take(DatabaseKey key);

  /** Records a sleep, in one transaction; what the database was awake for is released by it. */
  void slept(SleepRecord sleep);

  /**
   * Records that a database was made by this node's session, under the first epoch; it is in the
   * catalog by now.
   */
  void born(DatabaseKey key);

  /** Whether there is such a database, in that life. */
  boolean exists(DatabaseKey key);

  /** What the last sleep of a database recorded, if it ever slept; nothing is taken. */
  Optional<SleepRecord> lastSleep(DatabaseKey key);

  /**
   * The offsets that the last sleeps of these databases recorded as their last; those that never
   * slept are left out.
   */
  Map<DatabaseKey, Long> sleptAt(List<DatabaseKey> keys);

  /**
   * Databases that may have connections whose sockets died with an earlier session: those that fell
   * asleep with connections in one, and those with a snapshot of which no sleep tells. A journal
   * lets go of what a stored snapshot covers, so that of who came before it nothing else may know.
   */
  List<DatabaseKey> leftBehind();
}
