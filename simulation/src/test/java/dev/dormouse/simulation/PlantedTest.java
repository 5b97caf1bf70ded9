package dev.dormouse.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import dev.dormouse.commitlog.LogFile;
import dev.dormouse.commitlog.LogStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** What is planted between the engine and its world is found, and for what it is. */
final class PlantedTest {
  private static final int SEEDS = 40;

  /** A disk that says it has synced and has not: what was answered is gone after a power cut. */
  @Test
  void skippedSyncsAreFound() {
    assertFound(
        "was acknowledged and is lost",
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

  private static void assertFound(String as, Seams defect) {
    List<String> found = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        new World(seed, new SharedModules(SharedModules.COMPILED), defect, 0, false).run();
      } catch (Violation e) {
        String what = "seed %d: %s".formatted(seed, e.getMessage());
        found.add(what);
        if (what.contains(as)) {
          return;
        }
      }
    }
    fail("no world found \"%s\", but %s".formatted(as, found));
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
