package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Archive positions in memory. */
final class MemoryArchivePositions implements ArchivePositions {
  private final Map<DatabaseKey, ArchivePosition> positions = new ConcurrentHashMap<>();
  private final StoreFaults faults;

  MemoryArchivePositions(StoreFaults faults) {
    this.faults = faults;
  }

  @Override
  public Optional<ArchivePosition> of(DatabaseKey key) {
    return Optional.ofNullable(positions.get(key));
  }

  @Override
  public void record(DatabaseKey key, ArchivePosition position) throws IOException {
    faults.around("record of " + key, () -> positions.merge(key, position, this::further));
  }

  private ArchivePosition further(ArchivePosition known, ArchivePosition told) {
    return told.nextSequence() > known.nextSequence() ? told : known;
  }

  @Override
  public void forget(DatabaseKey key) throws IOException {
    faults.around(
        "forget of " + key,
        () -> {
          positions.remove(key);
          return true;
        });
  }
}
