package dev.dormouse.catalog;

import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements of one transaction. */
final class Statements {
  private final Connection connection;

  Statements(Connection connection) {
    this.connection = connection;
  }

  /** Makes a value of the current row. */
  @FunctionalInterface
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Runs a statement that changes rows. */
  int update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters)) {
      return statement.executeUpdate();
    }
  }

  /** All rows of a query. */
  <T> List<T> list(String sql, RowReader<T> reader, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters);
        ResultSet rows = statement.executeQuery()) {
      var all = new ArrayList<T>();
      while (rows.next()) {
        all.add(reader.read(rows));
      }
      return List.copyOf(all);
    }
  }

  /** The first row of a query. */
  <T> Optional<T> first(String sql, RowReader<T> reader, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters);
        ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
    }
  }

  private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < parameters.length; i++) {
        bind(statement, i + 1, parameters[i]);
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private static void bind(PreparedStatement statement, int index, Object parameter)
      throws SQLException {
    switch (parameter) {
      case Identity identity -> statement.setBytes(index, identity.toBigEndian());
      case ModuleHash hash -> statement.setBytes(index, hash.toByteArray());
      case DomainName name -> statement.setString(index, name.text());
      case Duration duration -> statement.setLong(index, duration.toMillis());
      case HostType host -> statement.setString(index, host.column());
      case DatabaseRecord.State state -> statement.setString(index, state.column());
      case GenerationCause cause -> statement.setString(index, cause.column());
      case Optional<?> optional when optional.isPresent() -> bind(statement, index, optional.get());
      case Optional<?> ignored -> statement.setNull(index, Types.NULL);
      default -> statement.setObject(index, parameter);
    }
  }
}
