package dev.dormouse.simulation;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.Identity;

/** A query that the model can answer too. */
sealed interface Query {
  /** All rows of a table. */
  record All(String table) implements Query {}

  /** One account of a bank. */
  record Account(int id) implements Query {}

  /** One person of a register. */
  record Numbered(int id) implements Query {}

  /** Who is in a chat. */
  record Online() implements Query {}

  /** The table whose rows it returns. */
  default String table() {
    return switch (this) {
      case All(String table) -> table;
      case Account ignored -> "account";
      case Numbered ignored -> "person";
      case Online ignored -> "user";
    };
  }

  /** Its text. */
  default String sql() {
    return switch (this) {
      case All(String table) -> "SELECT * FROM " + table;
      case Account(int id) -> "SELECT * FROM account WHERE id = " + id;
      case Numbered(int id) -> "SELECT * FROM person WHERE id = " + id;
      case Online() -> "SELECT * FROM user WHERE online = true";
    };
  }

  /** Whether a row of the table is in its answer. */
  default boolean matches(Row row) {
    return switch (this) {
      case All ignored -> true;
      case Account(int id) -> new BsatnReader(row.bytes()).readU32() == id;
      case Numbered(int id) -> new BsatnReader(row.bytes()).readI64() == id;
      case Online() -> isOnline(row);
    };
  }

  private static boolean isOnline(Row user) {
    BsatnReader reader = new BsatnReader(user.bytes());
    Identity.read(reader);
    if (reader.readU8() == 0) {
      reader.readString();
    }
    return reader.readBool();
  }
}
