package dev.dormouse.snapshotstore;

import dev.dormouse.catalog.CatalogServer;
import dev.dormouse.sats.EngineException;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Connections for snapshots alone: few and long, so that a wake of 100 MB does not keep the catalog
 * waiting.
 */
public final class SnapshotPool implements AutoCloseable {
  private final AgroalDataSource source;

  private SnapshotPool(AgroalDataSource source) {
    this.source = source;
  }

  /** A pool of the server whose schema the catalog has brought up to date. */
  public static SnapshotPool open(CatalogServer server, SnapshotStoreLimits limits) {
    var configuration =
        new AgroalDataSourceConfigurationSupplier()
            .metricsEnabled(false)
            .connectionPoolConfiguration(
                pool ->
                    pool.minSize(0)
                        .initialSize(0)
                        .maxSize(limits.connectionsMax())
                        .acquisitionTimeout(limits.connectionWait())
                        .idleValidationTimeout(Duration.ofSeconds(30))
                        .reapTimeout(Duration.ofMinutes(10))
                        .exceptionSorter(new PostgreSQLExceptionSorter())
                        .connectionFactoryConfiguration(
                            factory ->
                                factory
                                    .connectionProviderClass(org.postgresql.Driver.class)
                                    .jdbcUrl(server.jdbcUrl())
                                    .principal(new NamePrincipal(server.username()))
                                    .credential(new SimplePassword(server.password()))
                                    .jdbcProperty("ApplicationName", "dormouse-snapshots")
                                    // Chunks come as bytes from the first time on, and not in hex.
                                    .jdbcProperty("prepareThreshold", "-1")
                                    .jdbcProperty("connectTimeout", seconds(limits.connect()))
                                    .jdbcProperty("loginTimeout", seconds(limits.connect()))
                                    .jdbcProperty("socketTimeout", seconds(limits.socket()))
                                    .initialSql(
                                        "SET statement_timeout = %d"
                                            .formatted(limits.statement().toMillis()))));
    try {
      return new SnapshotPool(AgroalDataSource.from(configuration));
    } catch (SQLException e) {
      throw new EngineException(
          EngineException.Code.OPERATOR,
          "the snapshots' PostgreSQL (%s) cannot be used: %s".formatted(server, e.getMessage()),
          e);
    }
  }

  private static String seconds(Duration duration) {
    return Long.toString(duration.toSeconds());
  }

  /** The connections. */
  public DataSource source() {
    return source;
  }

  /** Ends all connections. */
  @Override
  public void close() {
    source.close();
  }
}
