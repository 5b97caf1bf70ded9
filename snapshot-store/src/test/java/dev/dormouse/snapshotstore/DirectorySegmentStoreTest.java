package dev.dormouse.snapshotstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.residence.Samples;
import dev.dormouse.residence.SegmentStore;
import dev.dormouse.residence.SegmentStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectorySegmentStoreTest extends SegmentStoreContract {
  @TempDir Path folder;
  private SegmentStore store = SegmentStore.inMemory();

  @BeforeEach
  void open() {
    store = reopened();
  }

  @Override
  protected SegmentStore store() {
    return store;
  }

  @Override
  protected SegmentStore reopened() {
    try {
      return DirectorySegmentStore.open(folder.resolve("segments"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anObjectIsAFileOfItsName() throws IOException {
    String name = SegmentName.of(Samples.key(1), 3).path();
    store.create(name, new byte[] {1, 2});
    assertEquals(2, Files.size(folder.resolve("segments").resolve(name)));
  }

  @Test
  void whatACrashLeftHalfWrittenGoesAtTheNextOpen() throws IOException {
    Path half = folder.resolve("segments/.incoming/half");
    Files.write(half, new byte[] {1});
    assertEquals(List.of(), reopened().list(""));
    assertFalse(Files.exists(half));
  }

  @Test
  void strangersFilesAreNotListed() throws IOException {
    Files.write(folder.resolve("segments/readme.txt"), new byte[] {1});
    Files.createDirectories(folder.resolve("segments/lost+found"));
    assertEquals(List.of(), store.list(""));
  }

  @Test
  void aFolderThatCannotBeUsedIsRefusedAtOnce() throws IOException {
    Path file = folder.resolve("file");
    Files.write(file, new byte[] {1});
    assertThrows(IOException.class, () -> DirectorySegmentStore.open(file));
    assertTrue(Files.isRegularFile(file));
  }
}
