package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.TxOffset;
import java.io.IOException;
import java.util.Optional;

/**
 * Up to where a database's records may go from the local log once they are archived: design §6
 * demands a verified snapshot that covers them. Thread safe; may block.
 */
@FunctionalInterface
public interface TrimFloor {
  /** The last offset that may go; empty if none may. */
  Optional<TxOffset> of(DatabaseKey key) throws IOException;

  /** What the newest stored snapshot covers may go; storing one verifies its chunks. */
  static TrimFloor ofSnapshots(SnapshotStore snapshots) {
    return key ->
        snapshots
            .newest(key)
            .map(manifest -> manifest.header().nextOffset())
            .filter(next -> next > 0)
            .map(next -> new TxOffset(next - 1));
  }
}
