package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileLogStorageTest extends LogStorageContract {
  @TempDir Path folder;

  @Override
  LogStorage open() throws IOException {
    return LogStorage.inFolder(folder.resolve("below/log"));
  }

  @Test
  void filesAreThereAtTheNextOpen() throws IOException {
    try (LogStorage storage = open();
        LogFile file = storage.create("a")) {
      file.append(new byte[] {1, 2}, 0, 2);
      file.sync();
    }
    try (LogStorage storage = open()) {
      assertEquals(List.of("a"), storage.list());
      assertEquals(2, storage.size("a"));
    }
    assertArrayEquals(
        new byte[] {1, 2}, Files.readAllBytes(folder.resolve("below").resolve("log").resolve("a")));
  }

  @Test
  void foldersAreNotFiles() throws IOException {
    try (LogStorage storage = open()) {
      Files.createDirectory(folder.resolve("below/log/folder"));
      assertEquals(List.of(), storage.list());
    }
  }

  @Test
  void anInterruptedReadLeavesTheFileToOthers() throws IOException {
    try (LogStorage storage = open();
        LogFile file = storage.create("a")) {
      file.append(new byte[] {1, 2}, 0, 2);
      Thread.currentThread().interrupt();
      assertThrows(IOException.class, () -> storage.read("a", 0, new byte[2], 0, 2));
      assertTrue(Thread.interrupted());
      assertEquals(2, storage.read("a", 0, new byte[2], 0, 2));
      file.append(new byte[] {3}, 0, 1);
      file.sync();
      assertEquals(3, storage.size("a"));
    }
  }
}
