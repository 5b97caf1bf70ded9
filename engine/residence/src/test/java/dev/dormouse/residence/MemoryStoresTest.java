package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.residence.StoreFaults.Effect;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The stores in memory hold the laws of their seams, and fail as they are told. */
final class MemoryStoresTest {
  @Nested
  final class Segments extends SegmentStoreContract {
    private final SegmentStore store = SegmentStore.inMemory();

    @Override
    protected SegmentStore store() {
      return store;
    }

    @Override
    protected SegmentStore reopened() {
      return store;
    }
  }

  @Nested
  final class Artefacts extends ArtefactStoreContract {
    private Instant now = Instant.EPOCH;
    private final ArtefactStore store = ArtefactStore.inMemory(() -> now, new StoreFaults());

    @Override
    protected void passTime(Duration duration) {
      now = now.plus(duration);
    }

    @Override
    protected ArtefactStore store() {
      return store;
    }

    @Override
    protected ArtefactStore reopened() {
      return store;
    }
  }

  @Nested
  final class Positions extends ArchivePositionsContract {
    private final ArchivePositions positions = ArchivePositions.inMemory();

    @Override
    protected ArchivePositions positions() {
      return positions;
    }
  }

  @Nested
  final class Snapshots extends SnapshotStoreContract {
    private final Map<DatabaseKey, Epoch> epochs = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private final SnapshotStore store = SnapshotStore.inMemory(this::epoch, () -> now);

    private Epoch epoch(DatabaseKey key) {
      return Objects.requireNonNull(epochs.get(key));
    }

    @Override
    protected SnapshotStore store() {
      return store;
    }

    @Override
    protected void own(DatabaseKey key, Epoch epoch) {
      epochs.put(key, epoch);
    }

    @Override
    protected void passTime(Duration duration) {
      now = now.plus(duration);
    }
  }

  @Nested
  final class LivesInMemory extends LivesContract {
    private Instant now = Instant.EPOCH;
    private final MemoryLives lives = new MemoryLives(() -> now);

    @Override
    protected Lives lives() {
      return lives;
    }

    @Override
    protected void begin(DatabaseKey key) {
      lives.begin(key);
    }

    @Override
    protected void delete(Identity database) {
      lives.delete(database);
    }

    @Override
    protected void publish(DatabaseKey key, ModuleHash program) {
      lives.publish(key, program);
    }

    @Override
    protected void passTime(Duration duration) {
      now = now.plus(duration);
    }
  }

  @Test
  void theChosenWriteFailsAndNoOther() throws IOException {
    StoreFaults faults = new StoreFaults();
    SegmentStore store = SegmentStore.inMemory(faults);
    String[] names = new String[4];
    for (int i = 0; i < names.length; i++) {
      names[i] = SegmentName.of(Samples.key(1), i).path();
    }
    faults.arm(2, Effect.NOTHING_STORED);
    assertTrue(store.create(names[0], new byte[] {1}));
    assertThrows(IOException.class, () -> store.create(names[1], new byte[] {1}));
    assertTrue(store.read(names[1]).isEmpty());
    assertTrue(store.create(names[1], new byte[] {2}));
    assertEquals(3, faults.writes());
    faults.arm(1, Effect.ANSWER_LOST);
    assertThrows(IOException.class, () -> store.create(names[2], new byte[] {1}));
    assertEquals(1, store.read(names[2]).orElseThrow().length);
    assertTrue(store.create(names[3], new byte[] {1}));
  }
}
