package dev.dormouse.catalog;

import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Brings the catalog's tables to what this build expects. Flyway does it, and is asked only when
 * the migrations differ from those that were applied last: loading it costs a start more time than
 * everything else about the catalog.
 */
final class Schema {
  /** Every migration, in order. A test compares this with the folder. */
  static final List<String> MIGRATIONS =
      List.of(
          "V1__catalog.sql",
          "V2__snapshot_retention.sql",
          "V3__retention.sql",
          "V4__program_retention.sql");

  static final String FOLDER = "db/migration";

  private final CatalogServer server;
  private final Transactions transactions;

  Schema(CatalogServer server, Transactions transactions) {
    this.server = server;
    this.transactions = transactions;
  }

  void bringUpToDate() {
    String wanted = fingerprint();
    if (applied().equals(wanted)) {
      return;
    }
    migrate();
    transactions.run(
        sql -> {
          sql.update("CREATE TABLE IF NOT EXISTS schema_fingerprint (fingerprint text NOT NULL)");
          sql.update("DELETE FROM schema_fingerprint");
          return sql.update("INSERT INTO schema_fingerprint VALUES (?)", wanted);
        });
  }

  private String applied() {
    return transactions.run(
        sql -> {
          boolean known =
              sql.first(
                      "SELECT to_regclass('schema_fingerprint') IS NOT NULL",
                      row -> row.getBoolean(1))
                  .orElse(false);
          return known
              ? sql.first("SELECT fingerprint FROM schema_fingerprint", row -> row.getString(1))
                  .orElse("")
              : "";
        });
  }

  /** On connections of its own: a migration may take longer than a statement is given. */
  private void migrate() {
    try {
      Flyway.configure()
          .dataSource(server.jdbcUrl(), server.username(), server.password())
          .locations("classpath:" + FOLDER)
          .table("schema_history")
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new EngineException(
          EngineException.Code.OPERATOR,
          "the catalog's schema could not be brought up to date: " + e.getMessage(),
          e);
    }
  }

  private static String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String migration : MIGRATIONS) {
        try (InputStream in = Schema.class.getResourceAsStream("/" + FOLDER + "/" + migration)) {
          if (in == null) {
            throw new IllegalStateException("no migration " + migration + " on the class path");
          }
          digest.update(in.readAllBytes());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
