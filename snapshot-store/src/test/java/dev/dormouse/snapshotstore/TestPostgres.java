package dev.dormouse.snapshotstore;

import dev.dormouse.catalog.Catalog;
import dev.dormouse.catalog.CatalogLimits;
import dev.dormouse.catalog.CatalogServer;
import dev.dormouse.catalog.HostType;
import dev.dormouse.catalog.ModuleRecord;
import dev.dormouse.catalog.NewDatabase;
import dev.dormouse.catalog.embedded.EmbeddedLimits;
import dev.dormouse.catalog.embedded.EmbeddedPostgres;
import dev.dormouse.catalog.embedded.PostgresStartException;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.residence.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands tests one embedded server with the catalog's schema, started once per test JVM. */
final class TestPostgres implements ParameterResolver {
  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(TestPostgres.class);

  record Running(Path folder, EmbeddedPostgres server, Catalog catalog, SnapshotPool pool)
      implements AutoCloseable {
    static Running start(String key) {
      try {
        Path folder = Files.createTempDirectory("dormouse-snapshots");
        EmbeddedPostgres server = EmbeddedPostgres.start(folder, EmbeddedLimits.standard());
        CatalogServer address =
            new CatalogServer(server.jdbcUrl(), server.user(), server.password());
        Catalog catalog = Catalog.open(address, CatalogLimits.standard());
        return new Running(
            folder, server, catalog, SnapshotPool.open(address, SnapshotStoreLimits.DEFAULTS));
      } catch (IOException | PostgresStartException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Makes a database known, owned under an epoch and in this generation. */
    void own(DatabaseKey key, Epoch epoch) {
      UUID generation = key.generation().id();
      if (catalog.databases().find(key.database()).isEmpty()) {
        catalog
            .databases()
            .create(
                new NewDatabase(
                    key.database(),
                    Samples.OWNER,
                    Optional.empty(),
                    generation,
                    new ModuleRecord(Samples.MODULE, HostType.WASM, 3, "nowhere"),
                    Optional.empty()));
      }
      byte[] database = key.database().toBigEndian();
      try (Connection connection = pool.source().getConnection()) {
        execute(
            connection,
            "INSERT INTO generations (generation, database, cause) VALUES (?, ?, 'cleared')"
                + " ON CONFLICT DO NOTHING",
            generation,
            database);
        execute(
            connection,
            "INSERT INTO ownership (database, generation, epoch) VALUES (?, ?, ?)"
                + " ON CONFLICT (database) DO UPDATE"
                + " SET generation = excluded.generation, epoch = excluded.epoch",
            database,
            generation,
            epoch.value());
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    }

    private static void execute(Connection connection, String sql, Object... parameters)
        throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < parameters.length; i++) {
          statement.setObject(i + 1, parameters[i]);
        }
        statement.executeUpdate();
      }
    }

    void run(String... statements) {
      try (Connection connection = pool.source().getConnection();
          Statement statement = connection.createStatement()) {
        for (String sql : statements) {
          statement.execute(sql);
        }
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() throws IOException {
      pool.close();
      catalog.close();
      server.close();
      try (var all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(SPACE)
        .computeIfAbsent("running", Running::start, Running.class);
  }
}
