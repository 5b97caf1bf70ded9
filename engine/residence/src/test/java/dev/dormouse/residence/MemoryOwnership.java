package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Ownership of one node in memory, for tests. */
public final class MemoryOwnership implements Ownership {
  private final Map<DatabaseKey, Identity> owners = new ConcurrentHashMap<>();
  private final Map<DatabaseKey, Long> epochs = new ConcurrentHashMap<>();
  private final Map<DatabaseKey, SleepRecord> sleeps = new ConcurrentHashMap<>();
  private volatile boolean failingSleeps;

  /** Lets no sleep be recorded from now on, or lets them again. */
  public void failSleeps(boolean fail) {
    failingSleeps = fail;
  }

  /** The epoch of its present life. */
  public Epoch epochOf(DatabaseKey key) {
    return new Epoch(epochs.getOrDefault(key, 1L));
  }

  /** There is such a database. */
  public void register(DatabaseKey key, Identity owner) {
    owners.put(key, owner);
  }

  /** There is no such database any more. */
  public void unregister(DatabaseKey key) {
    owners.remove(key);
  }

  @Override
  public Owned take(DatabaseKey key) {
    Identity owner = owners.get(key);
    if (owner == null) {
      throw EngineException.caller("no database " + key);
    }
    long epoch = epochs.merge(key, 2L, (old, first) -> old + 1);
    return new Owned(new Epoch(epoch), owner, lastSleep(key));
  }

  @Override
  public void slept(SleepRecord sleep) {
    if (failingSleeps) {
      throw EngineException.operator("no sleep is recorded, as the test wants it");
    }
    sleeps.put(sleep.key(), sleep);
  }

  @Override
  public void born(DatabaseKey key) {
    epochs.put(key, FIRST.value());
  }

  @Override
  public boolean exists(DatabaseKey key) {
    return owners.containsKey(key);
  }

  @Override
  public Optional<SleepRecord> lastSleep(DatabaseKey key) {
    return Optional.ofNullable(sleeps.get(key));
  }

  @Override
  public Map<DatabaseKey, Long> sleptAt(List<DatabaseKey> keys) {
    return keys.stream()
        .filter(sleeps::containsKey)
        .collect(Collectors.toMap(key -> key, key -> lastSleep(key).orElseThrow().lastOffset()));
  }

  @Override
  public List<DatabaseKey> leftBehind() {
    return List.of();
  }
}
