package dev.dormouse.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.LogFile;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.Ownership;
import dev.dormouse.residence.SleepRecord;
import dev.dormouse.residence.TrimFloor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is planted between the engine and its world is found, and for what it is. */
final class PlantedTest {
  private static final int SEEDS = 40;

  /** More of them, since a disk must fail where it matters. */
  private static final int BAD_DISK_SEEDS = 120;

  /** A disk that says it has synced and has not: what was answered is gone after a power cut. */
  @Test
  void skippedSyncsAreFound() {
    assertFound(
        "was acknowledged and|was durable, but",
        () -> new Crowd(false),
        new Seams() {
          @Override
          public LogStorage disk(LogStorage disk) {
            return new Forgetful(disk);
          }
        });
  }

  /** Threads that lose one in nine of what they are given, wakes among it. */
  @Test
  void lostWakesAreFound() {
    assertFound(
        "the database did not wake within",
        () -> new Crowd(false),
        new Seams() {
          @Override
          public Executor workers(Executor workers) {
            int[] given = new int[1];
            return run -> {
              if (++given[0] % 9 != 0) {
                workers.execute(run);
              }
            };
          }
        });
  }

  /** A residence that does not start the wake which it owes to those who came during a sleep. */
  @ParameterizedTest
  @CsvSource({
    "CALL, did not wake within",
    "QUERY, did not wake within",
    "MESSAGE, did not wake within",
    "ARRIVAL, did not wake within",
    "DEPARTURE, came 1 and went 0 times"
  })
  void wakesOwedAfterASleepAreFound(String deed, String as) {
    Omission omission =
        new Omission("dev.dormouse.residence.Resident", "asleep", "Resident.startWake");
    Worlds.Runner worlds = Worlds.of(omission);
    assertFound(as, omission, () -> worlds.visitEveryStep(deed, 1));
  }

  /** A node that starts and does not look for those who were connected when it died. */
  @Test
  void connectionsOfTheDeadAreFound() {
    Omission omission =
        new Omission("dev.dormouse.residence.Residence", "recover", "Residence.submit");
    Worlds.Runner worlds = Worlds.of(omission);
    assertFound("came 1 and went 0 times", omission, () -> worlds.visitEveryStep("DEATH", 1));
  }

  /**
   * A catalog that knows who slept with connections, and not of whom a snapshot let the journal go
   * while they served.
   */
  @Test
  void connectionsThatOnlyASnapshotKnowsOfAreFound() {
    assertFound(
        "came 1 and went 0 times",
        Vigil::new,
        new Seams() {
          @Override
          public Ownership ownership(Ownership ownership) {
            return new OnlySleeps(ownership);
          }
        });
  }

  /** A journal that lets go of what is archived, before the state that it leads to is stored. */
  @Test
  void recordsThatNoSnapshotCoversAndThatAreLetGoOfAreFound() {
    assertFound(
        "came 1 and went 0 times",
        Vigil::new,
        new Seams() {
          @Override
          public TrimFloor floor(TrimFloor floor) {
            return key -> Optional.of(new TxOffset(Long.MAX_VALUE));
          }
        });
  }

  /** A snapshot whose sequences are not restored: numbers that are taken are given again. */
  @Test
  void forgottenSequencesAreFound() {
    assertFoundInCrowds(
        "Add\\[name=t\\d+] ended with FailedInternally",
        new Omission("dev.dormouse.snapshot.SnapshotReader", "restore", "Restore.sequence"));
  }

  /** A wake after which open sockets are attached without what they had subscribed to. */
  @Test
  void forgottenSubscriptionsAreFound() {
    assertFoundInCrowds(
        "but there was",
        new Omission("dev.dormouse.database.Attach", "execute", "SubscriptionRegistry.resume"));
  }

  /**
   * A wake that replays what was inserted and not what was deleted: a row that comes back is shown,
   * or in the way, of a call or of the replay itself.
   */
  @Test
  void halfAReplayIsFound() {
    assertFoundInCrowds(
        "came 1 and went 2 times|does not serve|but there was|closed without a reason: module exited",
        new Omission("dev.dormouse.residence.Restore$Replay$1", "deletedRow", "Replay.delete"));
  }

  /** A journal that goes on after a failure, and throws away what it had made durable before. */
  @Test
  void aResumptionThatForgetsWhatWasDurableIsFound() {
    assertFoundOnBadDisks(
        "the log cannot be read|does not serve|is lost|has no log|the node does not start",
        new Omission("dev.dormouse.commitlog.Journal", "resume", "JournalIndex.settle"));
  }

  /** A journal that goes on after a failure, and told nobody of it. */
  @Test
  void aFailureThatNobodyWasToldOfIsFound() {
    assertFoundOnBadDisks(
        "was not answered within",
        new Omission("dev.dormouse.commitlog.Journal", "fail", "DurabilityListener.failed"));
  }

  /** A database that lost commits, and whose sockets stay open: they show what is no more. */
  @Test
  void socketsThatOutliveWhatTheyShowAreFound() {
    assertFoundOnBadDisks(
        "is lost|told of offset|but there was|was not answered within|is held -1 times",
        new Omission("dev.dormouse.residence.Resident", "failed", "Sockets.close"));
  }

  private static void assertFoundInCrowds(String as, Omission omission) {
    assertFoundIn(Worlds.CROWD, SEEDS, as, omission);
  }

  private static void assertFoundOnBadDisks(String as, Omission omission) {
    assertFoundIn(Worlds.BAD_DISK, BAD_DISK_SEEDS, as, omission);
  }

  private static void assertFoundIn(String story, int seeds, String as, Omission omission) {
    Worlds.Runner worlds = Worlds.of(omission);
    assertFound(
        as,
        omission,
        () -> {
          for (long seed = 1; seed <= seeds; seed++) {
            worlds.run(story, seed, 0);
          }
        });
  }

  /** The first violation matches a pattern, and the call was indeed left out. */
  private static void assertFound(String as, Omission omission, Executable worlds) {
    IllegalStateException found = assertThrows(IllegalStateException.class, worlds);
    assertEquals(1, omission.left(), "calls left out");
    String what = String.valueOf(found.getMessage());
    assertTrue(Pattern.compile(as).matcher(what).find(), what);
  }

  private static void assertFound(String as, Supplier<Story> story, Seams defect) {
    List<String> found = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        new World(seed, story.get(), new SharedModules(SharedModules.COMPILED), defect, 0, false)
            .run();
      } catch (Violation e) {
        String what = "seed %d: %s".formatted(seed, e.getMessage());
        found.add(what);
        if (Pattern.compile(as).matcher(what).find()) {
          return;
        }
      }
    }
    fail("no world found \"%s\", but %s".formatted(as, found));
  }

  private record OnlySleeps(Ownership ownership) implements Ownership {
    @Override
    public Owned take(DatabaseKey key) {
      return ownership.take(key);
    }

    @Override
    public void slept(SleepRecord sleep) {
      ownership.slept(sleep);
    }

    @Override
    public void born(DatabaseKey key) {
      ownership.born(key);
    }

    @Override
    public boolean exists(DatabaseKey key) {
      return ownership.exists(key);
    }

    @Override
    public Optional<SleepRecord> lastSleep(DatabaseKey key) {
      return ownership.lastSleep(key);
    }

    @Override
    public Map<DatabaseKey, Long> sleptAt(List<DatabaseKey> keys) {
      return ownership.sleptAt(keys);
    }

    @Override
    public List<DatabaseKey> leftBehind() {
      return ownership.leftBehind().stream()
          .filter(key -> lastSleep(key).stream().anyMatch(last -> !last.connections().isEmpty()))
          .toList();
    }
  }

  private record Forgetful(LogStorage storage) implements LogStorage {
    @Override
    public LogFile create(String name) throws IOException {
      return new ForgetfulFile(storage.create(name));
    }

    @Override
    public List<String> list() throws IOException {
      return storage.list();
    }

    @Override
    public long size(String name) throws IOException {
      return storage.size(name);
    }

    @Override
    public int read(String name, long position, byte[] into, int offset, int length)
        throws IOException {
      return storage.read(name, position, into, offset, length);
    }

    @Override
    public void truncate(String name, long size) throws IOException {
      storage.truncate(name, size);
    }

    @Override
    public void delete(String name) throws IOException {
      storage.delete(name);
    }

    @Override
    public void close() throws IOException {
      storage.close();
    }
  }

  private record ForgetfulFile(LogFile file) implements LogFile {
    @Override
    public void append(byte[] bytes, int offset, int length) throws IOException {
      file.append(bytes, offset, length);
    }

    @Override
    public void sync() {
      // Says so, and does not.
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
