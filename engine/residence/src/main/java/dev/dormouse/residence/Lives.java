package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which lives of databases have ended and which programs are needed, so that what the stores keep
 * of the others can go. Thread safe; blocks.
 *
 * <p>A life has ended when its database was deleted or lives another one; none comes back. Laws:
 * {@code LivesContract}.
 */
public interface Lives {
  /**
   * A life that has ended.
   *
   * @param deleted whether its database has no other life
   */
  record Ended(DatabaseKey key, boolean deleted) {
    /** Who it was. */
    public Identity database() {
      return key.database();
    }
  }

  /**
   * Looks for lives that have ended since the last look; their grace begins now.
   *
   * @throws dev.dormouse.sats.EngineException if the catalog cannot be asked
   */
  void notice();

  /**
   * Lives that were noticed longer ago than a grace and of which something may be left, in an order
   * of its own.
   *
   * @param after only those behind this one in that order
   * @param limit at most so many
   * @throws dev.dormouse.sats.EngineException if the catalog cannot be asked
   */
  List<Ended> ended(Duration grace, Optional<Ended> after, int limit);

  /**
   * Records that nothing is left of a life that has ended; of one that has not, nothing is
   * recorded.
   *
   * @throws dev.dormouse.sats.EngineException if that could not be recorded
   */
  void swept(Ended life);

  /**
   * The programs that a database runs or begins with, that a stored snapshot is of, or for which
   * this was so less than a grace before a call of this method that found it otherwise.
   *
   * @throws dev.dormouse.sats.EngineException if the catalog cannot be asked
   */
  Set<ModuleHash> programs(Duration grace);
}
