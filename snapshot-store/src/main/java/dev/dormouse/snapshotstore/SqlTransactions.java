package dev.dormouse.snapshotstore;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Runs transactions of READ COMMITTED; what PostgreSQL refuses is an {@link IOException}. */
final class SqlTransactions {
  /** SQLSTATE of a reference to a row that is not there, or from one that is to go. */
  static final String FOREIGN_KEY_VIOLATION = "23503";

  private final DataSource source;

  SqlTransactions(DataSource source) {
    this.source = source;
  }

  /** The body of a transaction; anything it throws rolls it back. */
  @FunctionalInterface
  interface Body<T> {
    T run(Connection connection) throws SQLException, IOException;
  }

  <T> T run(Body<T> body) throws IOException {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = body.run(connection);
        connection.commit();
        return result;
      } catch (SQLException | IOException | RuntimeException | Error failure) {
        rollback(connection, failure);
        throw failure;
      }
    } catch (SQLException e) {
      throw refusal(e);
    }
  }

  /** Runs one statement that reads, and spares the round trip of a commit. */
  <T> T read(Body<T> body) throws IOException {
    try (Connection connection = source.getConnection()) {
      return body.run(connection);
    } catch (SQLException e) {
      throw refusal(e);
    }
  }

  private static IOException refusal(SQLException e) {
    return new IOException(
        "PostgreSQL refused (SQLSTATE %s): %s".formatted(e.getSQLState(), e.getMessage()), e);
  }

  private static void rollback(Connection connection, Throwable failure) {
    try {
      connection.rollback();
    } catch (SQLException alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
  }
}
