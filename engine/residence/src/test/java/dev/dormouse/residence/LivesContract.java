package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.residence.Lives.Ended;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The laws of {@link Lives}, which every implementation must hold. */
public abstract class LivesContract {
  private static final Duration HOUR = Duration.ofHours(1);

  /** The lives under test; others may be known to it. */
  protected abstract Lives lives();

  /** A database is made, or begins another life, or lives again after it was deleted. */
  protected abstract void begin(DatabaseKey key);

  /** A database is deleted. */
  protected abstract void delete(Identity database);

  /** A database runs another program, unknown so far or not. */
  protected abstract void publish(DatabaseKey key, ModuleHash program);

  /** Lets what was noticed grow older. */
  protected abstract void passTime(Duration duration);

  private static DatabaseKey life(Identity database) {
    return new DatabaseKey(database, new Generation(UUID.randomUUID()));
  }

  private DatabaseKey begun() {
    return next(Identity.fromClaims("lives", UUID.randomUUID().toString()));
  }

  private DatabaseKey next(Identity database) {
    DatabaseKey key = life(database);
    begin(key);
    return key;
  }

  /** What has ended of the databases of a test, read in small batches. */
  private Set<Ended> ended(DatabaseKey... ofThese) {
    Set<Identity> own = new HashSet<>();
    for (DatabaseKey key : ofThese) {
      own.add(key.database());
    }
    List<Ended> all = new ArrayList<>();
    List<Ended> batch;
    do {
      batch = lives().ended(HOUR, all.isEmpty() ? Optional.empty() : Optional.of(all.getLast()), 2);
      all.addAll(batch);
    } while (!batch.isEmpty());
    List<Ended> ours = all.stream().filter(each -> own.contains(each.database())).toList();
    assertEquals(ours.size(), new HashSet<>(ours).size(), "each once: " + ours);
    return new HashSet<>(ours);
  }

  @Test
  void whatLivesHasNotEnded() {
    DatabaseKey living = begun();
    lives().notice();
    passTime(HOUR.multipliedBy(2));
    assertEquals(Set.of(), ended(living));
    lives().swept(new Ended(living, false));
    delete(living.database());
    lives().notice();
    passTime(HOUR.multipliedBy(2));
    assertEquals(Set.of(new Ended(living, true)), ended(living), "it was not swept while it lived");
  }

  @Test
  void theGraceBeginsWhenAnEndIsNoticed() {
    DatabaseKey first = begun();
    delete(first.database());
    passTime(HOUR.multipliedBy(2));
    assertEquals(Set.of(), ended(first), "nobody has looked yet");
    lives().notice();
    assertEquals(Set.of(), ended(first));
    passTime(HOUR.multipliedBy(2));
    lives().notice();
    assertEquals(Set.of(new Ended(first, true)), ended(first));
  }

  @Test
  void everyFormerLifeHasEndedAndTheLastOneHasNot() {
    DatabaseKey first = begun();
    DatabaseKey second = next(first.database());
    DatabaseKey third = next(first.database());
    DatabaseKey other = begun();
    lives().notice();
    passTime(HOUR.multipliedBy(2));
    assertEquals(Set.of(new Ended(first, false), new Ended(second, false)), ended(first, other));
    lives().swept(new Ended(first, false));
    lives().swept(new Ended(first, false));
    assertEquals(Set.of(new Ended(second, false)), ended(first, other));
    delete(third.database());
    lives().notice();
    passTime(HOUR.multipliedBy(2));
    assertEquals(Set.of(new Ended(second, true), new Ended(third, true)), ended(first));
  }

  @Test
  void aDatabaseThatLivesAgainIsNotDeleted() {
    DatabaseKey first = begun();
    delete(first.database());
    lives().notice();
    DatabaseKey again = next(first.database());
    lives().notice();
    passTime(HOUR.multipliedBy(2));
    assertEquals(Set.of(new Ended(first, false)), ended(first, again));
  }

  @Test
  void aProgramIsNeededWhileADatabaseRunsItAndForAGrace() {
    DatabaseKey one = begun();
    DatabaseKey other = begun();
    ModuleHash first = ModuleHash.ofProgram(one.database().toBigEndian());
    ModuleHash second = ModuleHash.ofProgram(other.database().toBigEndian());
    publish(one, first);
    publish(other, first);
    passTime(HOUR.multipliedBy(2));
    assertTrue(lives().programs(HOUR).contains(first));
    assertFalse(lives().programs(HOUR).contains(second), "nobody knows it");
    publish(one, second);
    delete(other.database());
    passTime(HOUR.multipliedBy(2));
    assertTrue(lives().programs(HOUR).containsAll(Set.of(first, second)), "now it is noticed");
    passTime(HOUR.dividedBy(2));
    assertTrue(lives().programs(HOUR).contains(first));
    passTime(HOUR);
    assertFalse(lives().programs(HOUR).contains(first));
    assertTrue(lives().programs(HOUR).contains(second));
    publish(one, first);
    assertTrue(lives().programs(HOUR).contains(first));
    publish(one, second);
    assertTrue(lives().programs(HOUR).contains(first), "its grace begins anew");
  }
}
