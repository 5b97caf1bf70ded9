package dev.dormouse.commitlog;

import dev.dormouse.sats.Identity;
import java.util.Comparator;

/**
 * Whose records: a database in one of its lives.
 *
 * @param database who the database is
 * @param generation which of its lives
 */
public record DatabaseKey(Identity database, Generation generation)
    implements Comparable<DatabaseKey> {
  private static final Comparator<DatabaseKey> ORDER =
      Comparator.comparing(DatabaseKey::database).thenComparing(DatabaseKey::generation);

  @Override
  public int compareTo(DatabaseKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return database + "/" + generation;
  }
}
