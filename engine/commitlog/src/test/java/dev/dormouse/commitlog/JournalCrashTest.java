package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.Samples.Heard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random appends, groups, archiving, faults and crashes: what was acknowledged is never lost. */
final class JournalCrashTest {
  private static final int DATABASES = 4;

  /** One database as its owner sees it. */
  private static final class Model {
    final DatabaseKey key;

    /** The records at their offsets, durable or not. */
    final List<byte[]> log = new ArrayList<>();

    long epoch = 1;
    long acknowledged;
    long archived;
    Heard heard = new Heard();
    @Nullable JournalAppender appender;

    Model(DatabaseKey key) {
      this.key = key;
    }
  }

  private static final class World {
    final RandomGenerator random;
    final String where;
    final MemoryLogStorage disk = LogStorage.inMemory();
    final FaultyLogStorage storage = new FaultyLogStorage(disk);
    final List<Model> models = new ArrayList<>();
    Journal journal;
    int crashes;
    int failures;
    int trimmed;
    int resumed;
    long indexes;

    World(long seed) throws IOException {
      random = Samples.random(seed);
      where = "seed " + seed;
      for (int i = 0; i < DATABASES; i++) {
        models.add(new Model(Samples.key(i)));
      }
      open();
    }

    void open() throws IOException {
      journal = Journal.open(storage, Samples.SMALL, random, () -> {});
      for (Model model : models) {
        recover(model);
      }
    }

    /** As a database does at wake: what is there must hold all that was acknowledged. */
    void recover(Model model) throws IOException {
      long from = model.archived;
      List<CommitRecord> found = Samples.replayed(journal, model.key, from);
      long end = from + found.size();
      assertTrue(
          end >= model.acknowledged,
          () ->
              "%s: %s acknowledged below %d, found below %d"
                  .formatted(where, model.key, model.acknowledged, end));
      assertTrue(end <= model.log.size(), where);
      for (int i = 0; i < found.size(); i++) {
        assertArrayEquals(model.log.get((int) from + i), found.get(i).toByteArray(), where);
      }
      while (model.log.size() > end) {
        model.log.removeLast();
      }
      model.acknowledged = end; // It is served from now on.
      if (random.nextInt(3) == 0) {
        model.epoch += 1 + random.nextInt(3);
      }
      attach(model);
      if (random.nextBoolean() && model.archived > 0) {
        journal.archivedUpTo(model.key, new TxOffset(model.archived - 1));
      }
    }

    void attach(Model model) {
      model.heard = new Heard();
      model.appender =
          journal.appender(
              model.key, new Epoch(model.epoch), new TxOffset(model.log.size()), model.heard);
    }

    void step() throws IOException {
      Model model = models.get(random.nextInt(DATABASES));
      int dice = random.nextInt(100);
      if (dice < 50) {
        append(model);
      } else if (dice < 80) {
        journal.writeGroup();
        hear();
      } else if (dice < 86) {
        archive(model);
      } else if (dice < 90) {
        trim();
      } else if (dice < 93) {
        readAll(model);
      } else if (dice < 95) {
        storage.arm(
            switch (random.nextInt(4)) {
              case 0 -> LogFaults.NONE.failingSync(1 + random.nextInt(3));
              case 1 -> LogFaults.NONE.failingAppend(1 + random.nextInt(3), random.nextInt(600));
              case 2 -> LogFaults.NONE.failingRemoval(1);
              default -> LogFaults.NONE.failingCreate(1);
            });
      } else if (dice < 97) {
        restart(random.nextBoolean());
      }
      if (journal.failure().isPresent()) {
        failures++;
        models.forEach(each -> assertEquals(1, each.heard.failures.size(), where));
        if (random.nextBoolean()) {
          resume();
        } else {
          restart(random.nextBoolean());
        }
      }
    }

    /** The process goes on: what it was not told is durable is gone, also after a power cut. */
    void resume() throws IOException {
      hear();
      while (journal.failure().isPresent()) {
        try {
          journal.resume();
          resumed++;
        } catch (IOException armed) {
          assertTrue(String.valueOf(armed.getMessage()).startsWith("armed"), where + armed);
        }
      }
      for (Model model : models) {
        Objects.requireNonNull(model.appender).close();
        long acknowledged = model.acknowledged;
        recover(model);
        assertEquals(acknowledged, model.log.size(), where);
      }
    }

    void append(Model model) {
      byte[] record = Samples.record(model.key, model.epoch, model.log.size(), random.nextInt(300));
      JournalAppender appender = Objects.requireNonNull(model.appender);
      if (appender.tryReserve(record.length)) {
        appender.append(record, 0, record.length);
        model.log.add(record);
      }
    }

    void hear() {
      for (Model model : models) {
        model.acknowledged = Math.max(model.acknowledged, model.heard.last() + 1);
        assertTrue(model.acknowledged <= model.log.size(), where);
      }
    }

    void archive(Model model) throws IOException {
      if (model.acknowledged > model.archived) {
        RecordBatch batch =
            journal.batch(
                model.key, new TxOffset(model.archived), new TxOffset(model.acknowledged - 1));
        assertEquals(model.archived, batch.first().value(), where);
        List<byte[]> found = new ArrayList<>();
        batch.forEach(record -> found.add(record.toByteArray()));
        for (int i = 0; i < found.size(); i++) {
          assertArrayEquals(model.log.get((int) model.archived + i), found.get(i), where);
        }
        model.archived = batch.last().value() + 1;
        journal.archivedUpTo(model.key, batch.last());
      }
    }

    /** A trim that fails takes nothing but time; the next one goes on with it. */
    void trim() throws IOException {
      try {
        trimmed += journal.trim().files().size();
      } catch (IOException armed) {
        assertTrue(String.valueOf(armed.getMessage()).startsWith("armed"), where + armed);
        trimmed += journal.trim().files().size();
      }
    }

    void readAll(Model model) throws IOException {
      List<CommitRecord> found = Samples.replayed(journal, model.key, model.archived);
      assertEquals(model.acknowledged - model.archived, found.size(), where);
    }

    /** The process ends, with or without a power cut, and another begins. */
    void restart(boolean powerCut) throws IOException {
      hear();
      journal.close();
      storage.arm(LogFaults.NONE);
      if (powerCut) {
        disk.crash(random);
      }
      crashes++;
      indexes += disk.list().stream().filter(name -> name.endsWith(".index")).count();
      open();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatWasAcknowledgedIsThereAfterwards(long seed) throws IOException {
    World world = new World(seed);
    for (int step = 0; step < 2_500; step++) {
      world.step();
    }
    world.restart(true);
    assertTrue(world.crashes > 20 && world.failures > 5 && world.trimmed > 10, world.where);
    assertTrue(world.resumed > 2, world.where);
    assertTrue(world.indexes > 20, () -> world.where + ", indexes " + world.indexes);
  }

  /** A crash while recovery itself is writing must not lose anything either. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void recoveryMayDieAtAnyOperation(long seed) throws IOException {
    World world = new World(seed);
    for (int round = 0; round < 100; round++) {
      for (int step = 0; step < 12; step++) {
        world.step();
      }
      world.hear();
      world.journal.close();
      for (int operation = 1; operation <= 3; operation++) {
        for (int kind = 0; kind < 4; kind++) {
          world.disk.crash(world.random);
          world.storage.arm(
              switch (kind) {
                case 0 -> LogFaults.NONE.failingAppend(operation, world.random.nextInt(600));
                case 1 -> LogFaults.NONE.failingSync(operation);
                case 2 -> LogFaults.NONE.failingRemoval(operation);
                default -> LogFaults.NONE.failingCreate(operation);
              });
          try {
            Journal.open(world.storage, Samples.SMALL, world.random, () -> {}).close();
          } catch (IOException armed) {
            assertTrue(String.valueOf(armed.getMessage()).startsWith("armed"), world.where + armed);
          }
        }
      }
      world.storage.arm(LogFaults.NONE);
      world.disk.crash(world.random);
      world.open();
    }
  }
}
