package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class MemoryLogStorageTest extends LogStorageContract {
  @Override
  LogStorage open() {
    return LogStorage.inMemory();
  }

  @Test
  void aCrashKeepsWhatWasSyncedAndTearsTheRest() throws IOException {
    int whole = 0;
    int none = 0;
    int prefix = 0;
    int torn = 0;
    for (long seed = 0; seed < 200; seed++) {
      RandomGenerator random = Samples.random(seed);
      MemoryLogStorage storage = LogStorage.inMemory();
      LogFile file = storage.create("a");
      byte[] ones = new byte[300];
      Arrays.fill(ones, (byte) 1);
      file.append(ones, 0, 100);
      file.sync();
      file.append(ones, 100, 200);
      storage.crash(random);
      byte[] left = new byte[(int) storage.size("a")];
      storage.read("a", 0, left, 0, left.length);
      assertTrue(left.length >= 100, "seed " + seed);
      for (int i = 0; i < 100; i++) {
        assertEquals(1, left[i], "seed " + seed);
      }
      boolean zeros = false;
      for (byte b : left) {
        zeros |= b == 0;
      }
      whole += left.length == 300 && !zeros ? 1 : 0;
      none += left.length == 100 ? 1 : 0;
      prefix += left.length > 100 && left.length < 300 && !zeros ? 1 : 0;
      torn += zeros ? 1 : 0;
      assertThrows(IOException.class, () -> file.append(ones, 0, 1), "handles die in a crash");
      assertThrows(IOException.class, file::sync);
    }
    assertTrue(whole > 0 && none > 0 && prefix > 0 && torn > 0, "every fate is met");
  }

  @Test
  void whatSurvivedACrashSurvivesTheNext() throws IOException {
    MemoryLogStorage storage = LogStorage.inMemory();
    LogFile file = storage.create("a");
    file.append(new byte[500], 0, 500);
    storage.crash(Samples.random(3));
    long left = storage.size("a");
    storage.crash(Samples.random(4));
    assertEquals(left, storage.size("a"));
  }

  @Test
  void aLaterSyncDoesNotSaveWhatAFailedOneLost() throws IOException {
    int lost = 0;
    for (long seed = 0; seed < 50; seed++) {
      MemoryLogStorage storage = LogStorage.inMemory();
      LogFile file = storage.create("a");
      file.append(new byte[] {1, 1}, 0, 2);
      storage.failSync("a");
      file.append(new byte[] {1, 1}, 0, 2);
      file.sync();
      byte[] before = new byte[4];
      storage.read("a", 0, before, 0, 4);
      assertEquals(1, before[0], "readable all the same");
      storage.crash(Samples.random(seed));
      byte[] after = new byte[4];
      assertEquals(4, storage.read("a", 0, after, 0, 4), "seed " + seed);
      assertEquals(1, after[2], "seed " + seed);
      assertEquals(1, after[3], "seed " + seed);
      lost += after[0] == 0 || after[1] == 0 ? 1 : 0;
    }
    assertTrue(lost > 0);
  }
}
