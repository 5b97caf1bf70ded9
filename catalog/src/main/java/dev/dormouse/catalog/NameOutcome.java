package dev.dormouse.catalog;

import java.util.List;

/** What became of an attempt to name a database. All but the first changed nothing. */
public sealed interface NameOutcome {
  /** The names are the database's now. */
  record Named() implements NameOutcome {}

  /** There is no such database. */
  record NoSuchDatabase() implements NameOutcome {}

  /** A name is in use, perhaps by the same database. */
  record NameTaken(DomainName name) implements NameOutcome {}

  /** These names lie in namespaces of somebody else. */
  record NamespaceTaken(List<DomainName> names) implements NameOutcome {
    /** Copies. */
    public NamespaceTaken {
      names = List.copyOf(names);
    }
  }
}
