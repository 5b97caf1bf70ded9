package dev.dormouse.catalog;

import dev.dormouse.sats.Identity;

/** What became of an attempt to create a database. All but the first changed nothing. */
public sealed interface CreateOutcome {
  /** It exists now. */
  record Created(DatabaseRecord database) implements CreateOutcome {}

  /** A database with that identity exists already. */
  record AlreadyExists(DatabaseRecord database) implements CreateOutcome {}

  /** The name belongs to another database; somebody else was faster. */
  record NameTaken(DomainName name, Identity by) implements CreateOutcome {}

  /** The name's namespace belongs to somebody else. */
  record NamespaceTaken(DomainName name) implements CreateOutcome {}
}
