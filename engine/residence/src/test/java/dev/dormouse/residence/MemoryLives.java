package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Lives that a test begins and ends. For one thread. */
final class MemoryLives implements Lives {
  private final InstantSource clock;
  private final Map<Identity, DatabaseKey> living = new HashMap<>();
  private final TreeMap<DatabaseKey, Optional<Instant>> unswept = new TreeMap<>();

  private final Map<Identity, ModuleHash> running = new HashMap<>();
  private final Map<ModuleHash, Optional<Instant>> unused = new HashMap<>();

  MemoryLives(InstantSource clock) {
    this.clock = clock;
  }

  void begin(DatabaseKey key) {
    living.put(key.database(), key);
    unswept.put(key, Optional.empty());
  }

  void publish(DatabaseKey key, ModuleHash program) {
    running.put(key.database(), program);
    unused.putIfAbsent(program, Optional.empty());
  }

  void delete(Identity database) {
    running.remove(database);
    living.remove(database);
  }

  private boolean hasEnded(DatabaseKey key) {
    return !key.equals(living.get(key.database()));
  }

  @Override
  public void notice() {
    unswept.replaceAll(
        (key, since) -> since.isEmpty() && hasEnded(key) ? Optional.of(clock.instant()) : since);
  }

  @Override
  public List<Ended> ended(Duration grace, Optional<Ended> after, int limit) {
    Instant before = clock.instant().minus(grace);
    List<Ended> ended = new ArrayList<>();
    unswept.forEach(
        (key, since) -> {
          boolean behind = after.isEmpty() || key.compareTo(after.get().key()) > 0;
          if (behind && since.isPresent() && !since.get().isAfter(before) && ended.size() < limit) {
            ended.add(new Ended(key, !living.containsKey(key.database())));
          }
        });
    return ended;
  }

  @Override
  public void swept(Ended life) {
    if (hasEnded(life.key())) {
      unswept.remove(life.key());
    }
  }

  @Override
  public Set<ModuleHash> programs(Duration grace) {
    unused.replaceAll(
        (program, since) ->
            running.containsValue(program)
                ? Optional.empty()
                : since.or(() -> Optional.of(clock.instant())));
    Instant before = clock.instant().minus(grace);
    Set<ModuleHash> needed = new HashSet<>();
    unused.forEach(
        (program, since) -> {
          if (since.isEmpty() || since.get().isAfter(before)) {
            needed.add(program);
          }
        });
    return needed;
  }
}
