package dev.dormouse.catalog;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.residence.Lives;
import dev.dormouse.residence.LivesContract;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestCatalog.class)
final class CatalogLivesTest extends LivesContract {
  private static final ModuleRecord MODULE =
      new ModuleRecord(ModuleHash.ofProgram(new byte[] {1}), HostType.WASM, 1, "programs/one");

  private final TestCatalog.Running running;

  CatalogLivesTest(TestCatalog.Running running) {
    this.running = running;
  }

  @Override
  protected Lives lives() {
    return running.catalog().lives();
  }

  @Override
  protected void begin(DatabaseKey key) {
    Databases databases = running.catalog().databases();
    Optional<DatabaseRecord> known = databases.find(key.database());
    if (known.isPresent()) {
      assertTrue(
          databases
              .startGeneration(
                  key.database(),
                  known.get().generation(),
                  key.generation().id(),
                  MODULE,
                  GenerationCause.CLEARED)
              .isPresent());
    } else {
      databases.create(
          new NewDatabase(
              key.database(),
              key.database(),
              Optional.empty(),
              key.generation().id(),
              MODULE,
              Optional.empty()));
    }
  }

  @Override
  protected void delete(Identity database) {
    running.catalog().databases().delete(database);
  }

  @Override
  protected void publish(DatabaseKey key, ModuleHash program) {
    assertTrue(
        running
            .catalog()
            .databases()
            .updateModule(
                key.database(),
                key.generation().id(),
                new ModuleRecord(program, HostType.WASM, 1, "programs/" + program.toHex()))
            .isPresent());
  }

  @Override
  protected void passTime(Duration duration) {
    String earlier = " - %d * interval '1 second'".formatted(duration.toSeconds());
    execute("UPDATE generations SET retired_at = retired_at" + earlier);
    execute("UPDATE modules SET unused_since = unused_since" + earlier);
  }

  private void execute(String statement) {
    try (var connection =
            DriverManager.getConnection(
                running.address().jdbcUrl(),
                running.address().username(),
                running.address().password());
        var sql = connection.createStatement()) {
      sql.execute(statement);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theProgramOfAStoredSnapshotIsNeeded() {
    DatabaseKey key =
        new DatabaseKey(
            Identity.fromClaims("lives", UUID.randomUUID().toString()),
            new Generation(UUID.randomUUID()));
    begin(key);
    ModuleHash program = ModuleHash.ofProgram(key.database().toBigEndian());
    publish(key, program);
    execute(
        """
        INSERT INTO manifests (database, generation, lineage, epoch, tx_offset, timestamp_micros,
                               module, state_bytes, body)
        SELECT identity, generation, lineage, 1, 0, 0, module, 0, '\\x' FROM databases
         WHERE identity = decode('%s', 'hex')
        """
            .formatted(key.database().toHex()));
    publish(key, MODULE.hash());
    assertTrue(lives().programs(Duration.ZERO).contains(program));
    passTime(Duration.ofHours(1));
    assertTrue(lives().programs(Duration.ZERO).contains(program));
    execute("DELETE FROM manifests");
    assertTrue(lives().programs(Duration.ofHours(1)).contains(program));
    assertFalse(lives().programs(Duration.ZERO).contains(program));
  }
}
