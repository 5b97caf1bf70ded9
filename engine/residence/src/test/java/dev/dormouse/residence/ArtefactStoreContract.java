package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The laws of {@link ArtefactStore}, which every implementation must hold. */
public abstract class ArtefactStoreContract {
  private static final byte[] PROGRAM = Samples.bytes(1, 70_000);
  private static final ModuleHash HASH = ModuleHash.ofProgram(PROGRAM);
  private static final ModuleHash OTHER = ModuleHash.ofProgram(new byte[] {1});

  /** The store under test, empty at first. */
  protected abstract ArtefactStore store();

  /** A store that finds what this one made durable, as after a restart. */
  protected abstract ArtefactStore reopened();

  private static void assertContent(byte[] expected, Optional<byte[]> found) {
    assertArrayEquals(expected, found.orElseThrow());
  }

  @Test
  void whatWasSavedIsThere() throws IOException {
    assertTrue(store().program(HASH).isEmpty());
    assertTrue(store().artefact(HASH).isEmpty());
    store().saveProgram(HASH, PROGRAM);
    store().saveArtefact(HASH, new byte[] {1, 2, 3});
    store().saveProgram(HASH, PROGRAM);
    for (ArtefactStore store : new ArtefactStore[] {store(), reopened()}) {
      assertContent(PROGRAM, store.program(HASH));
      assertContent(new byte[] {1, 2, 3}, store.artefact(HASH));
      assertTrue(store.program(OTHER).isEmpty());
      assertTrue(store.artefact(OTHER).isEmpty());
    }
  }

  @Test
  void aNewerArtefactReplacesTheOlder() throws IOException {
    store().saveArtefact(HASH, new byte[] {1, 2, 3});
    store().saveArtefact(HASH, new byte[] {4});
    assertContent(new byte[] {4}, reopened().artefact(HASH));
    assertEquals(Optional.empty(), reopened().program(HASH).map(bytes -> bytes.length));
  }
}
