package dev.dormouse.auth;

import dev.dormouse.sats.Identity;
import java.util.Set;

/** Who may publish a new database. Owners may always update theirs. */
public sealed interface PublishRule {
  /** Anyone, anonymous callers too. */
  record Open() implements PublishRule {}

  /** These identities. */
  record AllowList(Set<Identity> publishers) implements PublishRule {
    /** Copies. */
    public AllowList {
      publishers = Set.copyOf(publishers);
    }
  }

  /** Whether the caller may. */
  default boolean allows(Identity caller) {
    return switch (this) {
      case Open() -> true;
      case AllowList(var publishers) -> publishers.contains(caller);
    };
  }
}
