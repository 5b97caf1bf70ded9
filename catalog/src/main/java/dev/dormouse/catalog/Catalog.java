package dev.dormouse.catalog;

import dev.dormouse.residence.Lives;
import dev.dormouse.sats.EngineException;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;

/** The catalog of one platform: a pool of connections to the PostgreSQL that holds it. */
public final class Catalog implements AutoCloseable {
  private final AgroalDataSource source;
  private final Transactions transactions;
  private final Databases databases;
  private final Names names;

  private Catalog(AgroalDataSource source) {
    this.source = source;
    this.transactions = new Transactions(source);
    this.databases = new Databases(transactions);
    this.names = new Names(transactions);
  }

  /**
   * Connects and brings the schema up to date.
   *
   * @throws EngineException OPERATOR if the server cannot be reached or used
   */
  public static Catalog open(CatalogServer server, CatalogLimits limits) {
    var catalog = new Catalog(pool(server, limits));
    try {
      new Schema(server, catalog.transactions).bringUpToDate();
      return catalog;
    } catch (RuntimeException e) {
      catalog.close();
      throw e;
    }
  }

  private static AgroalDataSource pool(CatalogServer server, CatalogLimits limits) {
    var configuration =
        new AgroalDataSourceConfigurationSupplier()
            .metricsEnabled(false)
            .connectionPoolConfiguration(
                pool ->
                    pool.minSize(0)
                        .initialSize(1)
                        .maxSize(limits.connectionsMax())
                        .acquisitionTimeout(limits.connectionWait())
                        .idleValidationTimeout(Duration.ofSeconds(30))
                        .reapTimeout(Duration.ofMinutes(10))
                        .exceptionSorter(new PostgreSQLExceptionSorter())
                        .connectionFactoryConfiguration(
                            factory ->
                                factory
                                    .connectionProviderClassName("org.postgresql.Driver")
                                    .jdbcUrl(server.jdbcUrl())
                                    .principal(new NamePrincipal(server.username()))
                                    .credential(new SimplePassword(server.password()))
                                    .jdbcProperty("ApplicationName", "dormouse")
                                    .jdbcProperty(
                                        "connectTimeout",
                                        Long.toString(limits.connect().toSeconds()))
                                    .jdbcProperty(
                                        "loginTimeout", Long.toString(limits.connect().toSeconds()))
                                    .jdbcProperty(
                                        "socketTimeout", Long.toString(limits.socket().toSeconds()))
                                    .initialSql(
                                        "SET statement_timeout = %d; SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d"
                                            .formatted(
                                                limits.statement().toMillis(),
                                                limits.lock().toMillis(),
                                                limits.socket().toMillis()))));
    try {
      return AgroalDataSource.from(configuration);
    } catch (SQLException e) {
      throw new EngineException(
          EngineException.Code.OPERATOR,
          "the catalog's PostgreSQL (%s) cannot be used: %s".formatted(server, e.getMessage()),
          e);
    }
  }

  /** Databases and their modules. */
  public Databases databases() {
    return databases;
  }

  /**
   * Begins a new run of a node that holds the lock on its data folder.
   *
   * @param node its name, the same at every start
   */
  public SessionOwnership beginSession(String node, UUID session) {
    return SessionOwnership.begin(transactions, node, session);
  }

  /** Which lives of databases have ended. */
  public Lives lives() {
    return new CatalogLives(transactions);
  }

  /** Names and namespaces. */
  public Names names() {
    return names;
  }

  /** Asks the server something small; throws if it does not answer. */
  public void check() {
    transactions.run(sql -> sql.first("SELECT 1", row -> row.getInt(1)));
  }

  /** Ends all connections. */
  @Override
  public void close() {
    source.close();
  }
}
