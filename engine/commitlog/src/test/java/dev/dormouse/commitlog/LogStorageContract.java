package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws of {@link LogStorage}, which every implementation must hold. */
abstract class LogStorageContract {
  abstract LogStorage open() throws IOException;

  private static byte[] readAll(LogStorage storage, String name) throws IOException {
    byte[] bytes = new byte[(int) storage.size(name)];
    assertEquals(bytes.length, storage.read(name, 0, bytes, 0, bytes.length));
    return bytes;
  }

  @Test
  void whatWasAppendedIsReadableAtOnce() throws IOException {
    try (LogStorage storage = open();
        LogFile file = storage.create("a")) {
      assertEquals(0, storage.size("a"));
      file.append(new byte[] {9, 1, 2, 3, 9}, 1, 3);
      file.append(new byte[] {4}, 0, 1);
      assertEquals(4, file.size());
      assertArrayEquals(new byte[] {1, 2, 3, 4}, readAll(storage, "a"));
      file.sync();
      assertArrayEquals(new byte[] {1, 2, 3, 4}, readAll(storage, "a"));
    }
  }

  @Test
  void readsStopAtTheEnd() throws IOException {
    try (LogStorage storage = open();
        LogFile file = storage.create("a")) {
      file.append(new byte[] {1, 2, 3}, 0, 3);
      byte[] into = new byte[4];
      assertEquals(2, storage.read("a", 1, into, 1, 3));
      assertArrayEquals(new byte[] {0, 2, 3, 0}, into);
      assertEquals(0, storage.read("a", 3, into, 0, 4));
      assertEquals(0, storage.read("a", 99, into, 0, 4));
      assertEquals(0, storage.read("a", 0, into, 0, 0));
    }
  }

  @Test
  void namesAreListedInOrderAndMadeOnce() throws IOException {
    try (LogStorage storage = open()) {
      storage.create("b").close();
      storage.create("a-1.x").close();
      storage.create("c").close();
      assertEquals(List.of("a-1.x", "b", "c"), storage.list());
      assertThrows(FileAlreadyExistsException.class, () -> storage.create("b"));
      storage.delete("b");
      assertEquals(List.of("a-1.x", "c"), storage.list());
      storage.create("b").close();
      assertEquals(0, storage.size("b"));
    }
  }

  @Test
  void missingFilesAreSaidToBeMissing() throws IOException {
    try (LogStorage storage = open()) {
      assertThrows(NoSuchFileException.class, () -> storage.size("a"));
      assertThrows(NoSuchFileException.class, () -> storage.read("a", 0, new byte[1], 0, 1));
      assertThrows(NoSuchFileException.class, () -> storage.truncate("a", 0));
      assertThrows(NoSuchFileException.class, () -> storage.delete("a"));
    }
  }

  @Test
  void aCutFileKeepsItsStart() throws IOException {
    try (LogStorage storage = open()) {
      try (LogFile file = storage.create("a")) {
        file.append(new byte[] {1, 2, 3}, 0, 3);
      }
      assertThrows(IllegalArgumentException.class, () -> storage.truncate("a", 4));
      storage.truncate("a", 3);
      storage.truncate("a", 2);
      assertArrayEquals(new byte[] {1, 2}, readAll(storage, "a"));
    }
  }

  @Test
  void aClosedFileTakesNothing() throws IOException {
    try (LogStorage storage = open()) {
      LogFile file = storage.create("a");
      file.close();
      file.close();
      assertThrows(IOException.class, () -> file.append(new byte[1], 0, 1));
      assertThrows(IOException.class, file::sync);
      assertEquals(0, storage.size("a"));
    }
  }

  @Test
  void largeAppendsComeBackWhole() throws IOException {
    byte[] bytes = Samples.bytes(Samples.random(1), 3_000_001);
    try (LogStorage storage = open();
        LogFile file = storage.create("a")) {
      file.append(bytes, 0, 1_000);
      file.append(bytes, 1_000, bytes.length - 1_000);
      assertArrayEquals(bytes, readAll(storage, "a"));
      byte[] middle = new byte[2_000_000];
      assertEquals(middle.length, storage.read("a", 500, middle, 0, middle.length));
      assertArrayEquals(Arrays.copyOfRange(bytes, 500, 2_000_500), middle);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "../a", "a/b", ".a", "A", "a b", "a\\b", "ä"})
  void namesCannotLeaveTheFolder(String name) throws IOException {
    try (LogStorage storage = open()) {
      assertThrows(IllegalArgumentException.class, () -> storage.create(name));
      assertThrows(IllegalArgumentException.class, () -> storage.size(name));
    }
  }

  @Test
  void namesHaveALimit() throws IOException {
    try (LogStorage storage = open()) {
      storage.create("a".repeat(LogStorage.NAME_LENGTH_MAX)).close();
      String tooLong = "a".repeat(LogStorage.NAME_LENGTH_MAX + 1);
      assertThrows(IllegalArgumentException.class, () -> storage.create(tooLong));
    }
  }
}
