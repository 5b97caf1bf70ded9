package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.SegmentName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The laws of {@link SegmentStore}, which every implementation must hold. */
public abstract class SegmentStoreContract {
  private static final DatabaseKey A = Samples.key(1);
  private static final DatabaseKey B = Samples.key(2);

  /** The store under test, empty at first. */
  protected abstract SegmentStore store();

  /** A store that finds what this one made durable, as after a restart. */
  protected abstract SegmentStore reopened();

  private static String name(DatabaseKey key, long sequence) {
    return SegmentName.of(key, sequence).path();
  }

  private static void assertContent(byte[] expected, Optional<byte[]> found) {
    assertArrayEquals(expected, found.orElseThrow());
  }

  @Test
  void whatWasCreatedIsThere() throws IOException {
    byte[] content = Samples.bytes(1, 100_000);
    assertTrue(store().create(name(A, 0), content));
    assertTrue(store().create(name(A, 1), new byte[0]));
    byte[] original = content.clone();
    content[0]++;
    for (SegmentStore store : List.of(store(), reopened())) {
      assertContent(original, store.read(name(A, 0)));
      assertContent(new byte[0], store.read(name(A, 1)));
      assertContent(Arrays.copyOf(original, 240), store.readFirst(name(A, 0), 240));
      assertContent(original, store.readFirst(name(A, 0), 100_001));
      assertContent(new byte[0], store.readFirst(name(A, 1), 240));
      assertTrue(store.readFirst(name(A, 2), 240).isEmpty());
      assertTrue(store.read(name(A, 2)).isEmpty());
      assertTrue(store.read(name(B, 0)).isEmpty());
    }
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    assertTrue(store().create(name(A, 3), new byte[] {1, 2}));
    assertFalse(store().create(name(A, 3), new byte[] {9}));
    assertFalse(store().create(name(A, 3), new byte[] {1, 2}), "the same content is no excuse");
    assertContent(new byte[] {1, 2}, reopened().read(name(A, 3)));
  }

  @Test
  void namesAreListedInOrder() throws IOException {
    assertEquals(List.of(), store().list(""));
    for (long sequence : new long[] {2, 0, 11, 1}) {
      store().create(name(A, sequence), new byte[] {1});
    }
    store().create(name(B, 5), new byte[] {1});
    List<String> ofA = List.of(name(A, 0), name(A, 1), name(A, 2), name(A, 11));
    assertEquals(ofA, store().list(SegmentName.folder(A)));
    assertEquals(ofA, store().list(A.database().toHex() + "/"));
    assertEquals(List.of(name(A, 11)), store().list(SegmentName.folder(A) + "000000001"));
    assertEquals(List.of(), store().list(SegmentName.folder(Samples.key(3))));
    List<String> all = new ArrayList<>(ofA);
    all.add(name(B, 5));
    all.sort(null);
    assertEquals(all, reopened().list(""));
  }

  @Test
  void aDeletedObjectIsGone() throws IOException {
    store().create(name(A, 0), new byte[] {1});
    store().delete(name(A, 0));
    store().delete(name(A, 0));
    store().delete(name(B, 7));
    assertTrue(reopened().read(name(A, 0)).isEmpty());
    assertEquals(List.of(), reopened().list(""));
    assertTrue(store().create(name(A, 0), new byte[] {2}));
  }

  @Test
  void namesThatLeadElsewhereAreRefused() {
    String folder = SegmentName.folder(A);
    List<String> hostile =
        List.of(
            "",
            "/etc/passwd",
            "../secret",
            folder,
            folder + "../0000000000.seg",
            folder + "0000000000.seg/../../x",
            folder + "0.seg",
            folder + "0000000000.seg\0",
            folder.replace('/', '\\') + "0000000000.seg",
            "x" + folder + "0000000000.seg");
    for (String name : hostile) {
      assertThrows(IllegalArgumentException.class, () -> store().create(name, new byte[1]), name);
      assertThrows(IllegalArgumentException.class, () -> store().read(name), name);
      assertThrows(IllegalArgumentException.class, () -> store().delete(name), name);
    }
  }

  @Test
  void ofALifeThatHasEndedNothingStays() throws IOException {
    DatabaseKey nextLife = new DatabaseKey(A.database(), new Generation(new UUID(8, 8)));
    for (long sequence : new long[] {0, 1, 2}) {
      store().create(name(A, sequence), new byte[] {1});
    }
    store().create(name(nextLife, 0), new byte[] {2});
    store().create(name(B, 0), new byte[] {3});
    store().deleteAll(A);
    store().deleteAll(A);
    assertEquals(List.of(), reopened().list(SegmentName.folder(A)));
    assertContent(new byte[] {2}, reopened().read(name(nextLife, 0)));
    assertContent(new byte[] {3}, reopened().read(name(B, 0)));
    store().deleteAll(nextLife);
    assertEquals(List.of(name(B, 0)), reopened().list(""));
    assertTrue(store().create(name(A, 0), new byte[] {4}), "its name is free");
    assertContent(new byte[] {4}, reopened().read(name(A, 0)));
  }

  @Test
  void prefixesThatLeadElsewhereFindNothing() throws IOException {
    store().create(name(A, 0), new byte[] {1});
    for (String prefix : List.of("..", "../", "/", "/etc/", A.database().toHex() + "/../", "zzz")) {
      assertEquals(List.of(), store().list(prefix), prefix);
    }
  }

  @Test
  void ofManyWhoCreateANameOneWins() throws Exception {
    int threads = 8;
    int rounds = 20;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < rounds; round++) {
        String name = name(A, round);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
          byte[] content = Samples.bytes(thread, 5_000);
          results.add(
              pool.submit(
                  () -> {
                    start.await();
                    return store().create(name, content);
                  }));
        }
        start.countDown();
        int winner = -1;
        for (int thread = 0; thread < threads; thread++) {
          if (results.get(thread).get()) {
            assertEquals(-1, winner, "two created " + name);
            winner = thread;
          }
        }
        assertContent(Samples.bytes(winner, 5_000), store().read(name));
      }
    }
  }
}
