package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FaultyLogStorageTest extends LogStorageContract {
  @Override
  LogStorage open() {
    return new FaultyLogStorage(LogStorage.inMemory());
  }

  @Test
  void chosenOperationsFail() throws IOException {
    FaultyLogStorage storage = new FaultyLogStorage(LogStorage.inMemory());
    storage.arm(
        LogFaults.NONE.failingAppend(2, 3).failingSync(2).failingCreate(2).failingRemoval(2));
    LogFile file = storage.create("a");
    assertThrows(IOException.class, () -> storage.create("b"));
    assertEquals(List.of("a"), storage.list());
    file.append(new byte[10], 0, 10);
    assertThrows(IOException.class, () -> file.append(new byte[10], 0, 10));
    assertEquals(13, storage.size("a"), "a short write");
    file.sync();
    assertThrows(IOException.class, file::sync);
    file.append(new byte[1], 0, 1);
    file.sync();
    storage.create("b").close();
    storage.truncate("a", 5);
    assertThrows(IOException.class, () -> storage.delete("b"));
    assertEquals(List.of("a", "b"), storage.list());
    storage.delete("b");
  }

  @Test
  void aFullDiskTakesWhatFits() throws IOException {
    FaultyLogStorage storage = new FaultyLogStorage(LogStorage.inMemory());
    storage.arm(LogFaults.NONE.withDisk(25));
    LogFile one = storage.create("a");
    LogFile other = storage.create("b");
    one.append(new byte[20], 0, 20);
    assertThrows(IOException.class, () -> other.append(new byte[6], 0, 6));
    assertEquals(5, storage.size("b"));
  }
}
