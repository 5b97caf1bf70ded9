package dev.dormouse.catalog;

import dev.dormouse.sats.EngineException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Runs transactions and says who must act when one fails. */
final class Transactions {
  private final DataSource source;

  Transactions(DataSource source) {
    this.source = source;
  }

  /** The body of a transaction. */
  @FunctionalInterface
  interface Body<T> {
    T run(Statements statements) throws SQLException;
  }

  /**
   * Runs a transaction and commits it; anything thrown by the body rolls it back. The isolation is
   * READ COMMITTED: bodies take the locks they need.
   *
   * @throws EngineException RETRY or OPERATOR, if PostgreSQL did not do it
   */
  <T> T run(Body<T> body) {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = body.run(new Statements(connection));
        connection.commit();
        return result;
      } catch (Undone undone) {
        connection.rollback();
        @SuppressWarnings("unchecked") // of the body that threw it
        T outcome = (T) undone.outcome;
        return outcome;
      } catch (SQLException | RuntimeException | Error failure) {
        rollback(connection, failure);
        throw failure;
      }
    } catch (SQLException failure) {
      throw refusal(failure);
    }
  }

  /**
   * Runs one statement that reads, and spares the round trip of a commit.
   *
   * @throws EngineException RETRY or OPERATOR, if PostgreSQL did not do it
   */
  <T> T read(Body<T> body) {
    try (Connection connection = source.getConnection()) {
      return body.run(new Statements(connection));
    } catch (SQLException failure) {
      throw refusal(failure);
    }
  }

  /** To be thrown: ends the transaction without effect, and {@link #run} returns the outcome. */
  static RuntimeException undo(Object outcome) {
    return new Undone(outcome);
  }

  private static void rollback(Connection connection, Throwable failure) {
    try {
      connection.rollback();
    } catch (SQLException alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
  }

  /** Source: PostgreSQL manual, appendix A, "Error Codes". */
  private static EngineException refusal(SQLException failure) {
    String state = failure.getSQLState() == null ? "" : failure.getSQLState();
    String text = "the catalog's PostgreSQL refused (SQLSTATE %s): %s";
    return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
      // No connection in time, connection lost, rolled back for others, out of something,
      // cancelled by a timeout, shutting down: later may be better.
      case "", "08", "40", "53", "55", "57" ->
          new EngineException(
              EngineException.Code.RETRY, text.formatted(state, failure.getMessage()), failure);
      case "28", "3D", "3F", "42", "58" ->
          new EngineException(
              EngineException.Code.OPERATOR, text.formatted(state, failure.getMessage()), failure);
      default -> throw new IllegalStateException(text.formatted(state, ""), failure);
    };
  }

  /** Carries an outcome past the rest of a transaction. */
  private static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Object outcome;

    Undone(Object outcome) {
      super("undone", null, false, false);
      this.outcome = outcome;
    }
  }
}
