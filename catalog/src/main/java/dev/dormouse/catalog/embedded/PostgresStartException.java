package dev.dormouse.catalog.embedded;

/** The embedded PostgreSQL cannot run, for a reason the operator can act on. */
public final class PostgresStartException extends Exception {
  private static final long serialVersionUID = 1L;

  PostgresStartException(String message) {
    super(message);
  }

  PostgresStartException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The message; never null. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
