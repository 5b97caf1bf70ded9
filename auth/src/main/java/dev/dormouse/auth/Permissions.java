package dev.dormouse.auth;

import dev.dormouse.sats.Identity;

/** Who may do what: the one place where that is decided. Source: spec auth §6.1. */
public final class Permissions {
  private final PublishRule publishing;

  /** Permissions where publishing is ruled by the given rule. */
  public Permissions(PublishRule publishing) {
    this.publishing = publishing;
  }

  /**
   * What a caller may do in SQL and subscriptions.
   *
   * @param readPrivate private tables exist for them
   * @param write INSERT, UPDATE, DELETE, SET
   * @param bypassRowLevelSecurity rules on rows do not apply
   * @param exceedRowLimit {@code row_limit} does not apply
   */
  public record Sql(
      boolean readPrivate, boolean write, boolean bypassRowLevelSecurity, boolean exceedRowLimit) {}

  /** Whether the caller may do something that only the owner may. */
  public boolean may(Action action, Identity caller, Identity owner) {
    return action == Action.CREATE ? publishing.allows(caller) : caller.equals(owner);
  }

  /**
   * Refuses what the caller may not do.
   *
   * @throws AuthFailure FORBIDDEN, with the text of the specification
   */
  public void require(Action action, Identity caller, Identity database, Identity owner) {
    if (!may(action, caller, owner)) {
      throw AuthFailure.forbidden(
          "%s is not authorized to perform action on database %s: %s"
              .formatted(caller.toHex(), database.toHex(), action.text()));
    }
  }

  /** Refuses a caller who may not publish a new database, which would get the given identity. */
  public void requireCreate(Identity caller, Identity database) {
    require(Action.CREATE, caller, database, caller);
  }

  /** What the caller may do in SQL. */
  public Sql sql(Identity caller, Identity owner) {
    boolean owns = caller.equals(owner);
    return new Sql(owns, owns, owns, owns);
  }

  /**
   * Private functions exist for the owner alone; others are told that there is no such function.
   */
  public boolean seesPrivateFunctions(Identity caller, Identity owner) {
    return caller.equals(owner);
  }
}
