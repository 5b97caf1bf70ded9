package dev.dormouse.residence;

import java.util.Set;

/**
 * Where a database is in its life on a node. Exactly one holds at any time; {@link #canBecome} is
 * the only place that knows the legal next states. Source: design §2.
 */
public enum DatabaseState {
  /** Nothing of it is in memory. Next: WAKING, PAUSED, DELETED. */
  ASLEEP,
  /** It is being restored. Next: SERVING, FAILED, FENCED, DELETED. */
  WAKING,
  /** It answers. Next: SLEEPING, FENCED, FAILED, PAUSED, DELETED. */
  SERVING,
  /**
   * Its state is being stored. Next: ASLEEP; SERVING, when it could not be stored or somebody came
   * before it was; FENCED, FAILED, DELETED.
   */
  SLEEPING,
  /**
   * Another owner has a newer epoch: nothing may be acknowledged any more. Next: ASLEEP, once
   * everything of it is dropped; DELETED. Never SERVING: what it holds may be older than the truth,
   * so the way back is a new wake with a new epoch.
   */
  FENCED,
  /** It could not be opened, or broke. Retried with back-off. Next: WAKING, ASLEEP, DELETED. */
  FAILED,
  /** Its owner or a quota wants it to stay asleep. Next: ASLEEP, DELETED. */
  PAUSED,
  /** Gone. Next: none; a database published again under its name is a new generation. */
  DELETED;

  /** Whether a database in this state may go to that one. */
  public boolean canBecome(DatabaseState next) {
    return nexts().contains(next);
  }

  private Set<DatabaseState> nexts() {
    return switch (this) {
      case ASLEEP -> Set.of(WAKING, PAUSED, DELETED);
      case WAKING -> Set.of(SERVING, FAILED, FENCED, DELETED);
      case SERVING -> Set.of(SLEEPING, FENCED, FAILED, PAUSED, DELETED);
      case SLEEPING -> Set.of(ASLEEP, SERVING, FENCED, FAILED, DELETED);
      case FENCED -> Set.of(ASLEEP, DELETED);
      case FAILED -> Set.of(WAKING, ASLEEP, DELETED);
      case PAUSED -> Set.of(ASLEEP, DELETED);
      case DELETED -> Set.of();
    };
  }
}
