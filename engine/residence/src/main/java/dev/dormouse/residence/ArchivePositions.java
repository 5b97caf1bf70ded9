package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import java.io.IOException;
import java.util.Optional;

/**
 * Remembers how far each database's log is archived. The segments themselves are the truth; this
 * spares looking through them. Thread safe; blocks.
 */
public interface ArchivePositions {
  /** The position of a database; empty if none was ever recorded. */
  Optional<ArchivePosition> of(DatabaseKey key) throws IOException;

  /**
   * Records a position; durable once this returns. One that is not ahead of what is recorded
   * changes nothing: positions only rise.
   */
  void record(DatabaseKey key, ArchivePosition position) throws IOException;

  /** Drops the position of a database that is gone for good. */
  void forget(DatabaseKey key) throws IOException;

  /** Positions in memory. */
  static ArchivePositions inMemory() {
    return inMemory(new StoreFaults());
  }

  /** Positions in memory, of whose writes some may fail. */
  static ArchivePositions inMemory(StoreFaults faults) {
    return new MemoryArchivePositions(faults);
  }
}
