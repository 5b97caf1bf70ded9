package dev.dormouse.snapshotstore;

import dev.dormouse.commitlog.Epoch;
import dev.dormouse.residence.ArchivePositions;
import dev.dormouse.residence.ArchivePositionsContract;
import dev.dormouse.residence.Samples;
import dev.dormouse.snapshotstore.TestPostgres.Running;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestPostgres.class)
final class PostgresArchivePositionsTest extends ArchivePositionsContract {
  private final Running running;

  PostgresArchivePositionsTest(Running running) {
    this.running = running;
  }

  @BeforeEach
  void clear() {
    running.own(Samples.key(1), new Epoch(1));
    running.own(Samples.key(2), new Epoch(1));
    running.run("TRUNCATE archived_positions");
  }

  @Override
  protected ArchivePositions positions() {
    return new PostgresArchivePositions(running.pool().source());
  }
}
