package dev.dormouse.catalog;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.residence.Lives;
import dev.dormouse.sats.ModuleHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Lives and programs by the tables {@code databases}, {@code generations}, {@code modules} and
 * {@code manifests}; time is PostgreSQL's. Thread safe; blocks.
 */
final class CatalogLives implements Lives {
  private static final String HAS_ENDED = "(d.state = 'deleted' OR d.generation <> g.generation)";

  private final Transactions transactions;

  CatalogLives(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public void notice() {
    // Looked for and not told by those who end them: they may be of a build before this one.
    String sql =
        """
        UPDATE generations g SET retired_at = now() FROM databases d
         WHERE d.identity = g.database AND g.retired_at IS NULL AND
        """
            + HAS_ENDED;
    transactions.run(statements -> statements.update(sql));
  }

  @Override
  public List<Ended> ended(Duration grace, Optional<Ended> after, int limit) {
    String sql =
        """
        SELECT g.database, g.generation, d.state = 'deleted' AS deleted
          FROM generations g JOIN databases d ON d.identity = g.database
         WHERE g.retired_at <= now() - ? * interval '1 millisecond' AND g.swept_at IS NULL
           AND %s %s
         ORDER BY g.database, g.generation LIMIT ?
        """
            .formatted(HAS_ENDED, after.isEmpty() ? "" : "AND (g.database, g.generation) > (?, ?)");
    List<Object> parameters = new ArrayList<>(List.of(grace));
    after.ifPresent(
        last -> {
          parameters.add(last.key().database());
          parameters.add(last.key().generation().id());
        });
    parameters.add(limit);
    return transactions.run(
        statements ->
            statements.list(
                sql,
                row ->
                    new Ended(
                        new DatabaseKey(
                            Databases.identity(row, "database"),
                            new Generation(row.getObject("generation", UUID.class))),
                        row.getBoolean("deleted")),
                parameters.toArray()));
  }

  @Override
  public void swept(Ended life) {
    String sql =
        """
        UPDATE generations g SET swept_at = now() FROM databases d
         WHERE d.identity = g.database AND g.database = ? AND g.generation = ? AND
        """
            + HAS_ENDED;
    transactions.run(
        statements -> {
          Object[] key = {life.database(), life.key().generation().id()};
          if (statements.update(sql, key) > 0) {
            statements.update("DELETE FROM sleeps WHERE database = ? AND generation = ?", key);
          }
          return life;
        });
  }

  @Override
  public Set<ModuleHash> programs(Duration grace) {
    String notice =
        """
        WITH needed AS (SELECT module AS hash FROM databases WHERE state <> 'deleted'
                         UNION SELECT initial_module FROM databases WHERE state <> 'deleted'
                         UNION SELECT module FROM manifests)
        UPDATE modules m SET unused_since = CASE WHEN n.hash IS NULL THEN now() END
          FROM modules known LEFT JOIN needed n ON n.hash = known.hash
         WHERE known.hash = m.hash AND (n.hash IS NULL) = (m.unused_since IS NULL)
        """;
    String needed =
        """
        SELECT hash FROM modules
         WHERE unused_since IS NULL OR unused_since > now() - ? * interval '1 millisecond'
        """;
    return transactions.run(
        statements -> {
          statements.update(notice);
          return Set.copyOf(
              statements.list(needed, row -> ModuleHash.ofBytes(row.getBytes(1)), grace));
        });
  }
}
