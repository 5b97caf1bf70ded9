package dev.dormouse.catalog;

import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * A database as the catalog knows it, awake or asleep.
 *
 * @param identity who it is
 * @param owner who created it
 * @param lineage the database it descends from by forks; itself if none
 * @param generation its current life; publish with clear, reset and restore begin a new one
 * @param initialModule the program its generation began with
 * @param module the program it runs, as known from when it was last published
 * @param hostType what runs the program
 * @param state whether it may be woken
 * @param locked whether delete and reset are refused
 * @param idleAfter its own idle time before sleep; absent for the node's default
 * @param createdAt when it was first published
 */
public record DatabaseRecord(
    Identity identity,
    Identity owner,
    Identity lineage,
    UUID generation,
    ModuleHash initialModule,
    ModuleHash module,
    HostType hostType,
    State state,
    boolean locked,
    Optional<Duration> idleAfter,
    Instant createdAt) {

  /** Whether a database may be woken. Deleted ones are not found at all. */
  public enum State {
    /** It wakes when it is used. */
    ACTIVE,
    /** Its owner or a quota keeps it asleep. */
    PAUSED;

    String column() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String column) {
      return valueOf(column.toUpperCase(Locale.ROOT));
    }
  }
}
