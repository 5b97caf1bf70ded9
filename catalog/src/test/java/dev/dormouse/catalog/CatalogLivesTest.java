package dev.dormouse.catalog;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.residence.Lives;
import dev.dormouse.residence.LivesContract;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
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
  protected void passTime(Duration duration) {
    try (var connection =
            DriverManager.getConnection(
                running.address().jdbcUrl(),
                running.address().username(),
                running.address().password());
        var sql = connection.createStatement()) {
      sql.execute(
          "UPDATE generations SET retired_at = retired_at - %d * interval '1 second'"
              .formatted(duration.toSeconds()));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
