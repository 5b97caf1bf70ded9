package dev.dormouse.snapshotstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.residence.Samples;
import dev.dormouse.residence.SegmentStore;
import dev.dormouse.residence.SegmentStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  void theFoldersOfALifeGoWithItAndAStrangersFileStays() throws IOException {
    DatabaseKey one = Samples.key(1);
    DatabaseKey other = Samples.key(2);
    for (DatabaseKey key : List.of(one, other)) {
      store.create(SegmentName.of(key, 0).path(), new byte[] {1});
    }
    Path ofOther = folder.resolve("segments").resolve(SegmentName.folder(other));
    Files.write(ofOther.resolve("notes.txt"), new byte[] {1});
    store.deleteAll(one);
    store.deleteAll(other);
    assertFalse(Files.exists(folder.resolve("segments").resolve(one.database().toHex())));
    try (var left = Files.list(ofOther)) {
      assertEquals(List.of(ofOther.resolve("notes.txt")), left.toList());
    }
  }

  @Test
  void whileLivesOfADatabaseEndOthersOfItAreWritten() throws Exception {
    try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < 50; round++) {
        DatabaseKey ended =
            new DatabaseKey(Samples.key(1).database(), new Generation(new UUID(1, round)));
        DatabaseKey begun =
            new DatabaseKey(Samples.key(1).database(), new Generation(new UUID(2, round)));
        store.create(SegmentName.of(ended, 0).path(), new byte[] {1});
        Future<Boolean> created =
            writer.submit(() -> store.create(SegmentName.of(begun, 0).path(), new byte[] {2}));
        store.deleteAll(ended);
        assertTrue(created.get());
        assertTrue(reopened().read(SegmentName.of(begun, 0).path()).isPresent());
        store.deleteAll(begun);
      }
    }
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
