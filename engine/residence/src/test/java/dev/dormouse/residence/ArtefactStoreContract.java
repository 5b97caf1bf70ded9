package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.residence.ArtefactStore.SweepReport;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The laws of {@link ArtefactStore}, which every implementation must hold. */
public abstract class ArtefactStoreContract {
  private static final byte[] PROGRAM = Samples.bytes(1, 70_000);
  private static final ModuleHash HASH = ModuleHash.ofProgram(PROGRAM);
  private static final SweepReport NOTHING = new SweepReport(0, 0, 0);
  private static final ModuleHash OTHER = ModuleHash.ofProgram(new byte[] {1});

  /** The store under test, empty at first. */
  protected abstract ArtefactStore store();

  /** A store that finds what this one made durable, as after a restart. */
  protected abstract ArtefactStore reopened();

  /** Lets what was saved grow older. */
  protected abstract void passTime(Duration duration) throws IOException;

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

  @Test
  void aSweepRemovesOldProgramsThatNothingNeedsWithTheirArtefacts() throws IOException {
    Duration hour = Duration.ofHours(1);
    byte[] neededProgram = {2};
    ModuleHash needed = ModuleHash.ofProgram(neededProgram);
    store().saveProgram(HASH, PROGRAM);
    store().saveArtefact(HASH, new byte[] {1, 2, 3});
    store().saveProgram(needed, neededProgram);
    store().saveArtefact(needed, new byte[] {4});
    store().saveArtefact(OTHER, new byte[] {5});
    assertEquals(NOTHING, store().sweep(Set.of(needed), hour, false));
    passTime(hour.multipliedBy(2));
    SweepReport would = reopened().sweep(Set.of(needed), hour, true);
    assertTrue(store().program(HASH).isPresent());
    SweepReport did = reopened().sweep(Set.of(needed), hour, false);
    assertEquals(would, did);
    assertEquals(1, did.programs());
    assertEquals(2, did.artefacts(), "of the program, and one without a program");
    assertTrue(did.bytes() >= PROGRAM.length + 4, did.toString());
    for (ModuleHash gone : new ModuleHash[] {HASH, OTHER}) {
      assertTrue(store().program(gone).isEmpty());
      assertTrue(store().artefact(gone).isEmpty());
    }
    assertContent(neededProgram, store().program(needed));
    assertContent(new byte[] {4}, store().artefact(needed));
    assertEquals(NOTHING, store().sweep(Set.of(needed), hour, false));
  }

  @Test
  void aProgramThatIsSavedAgainIsYoungAgainAndItsArtefactStays() throws IOException {
    Duration hour = Duration.ofHours(1);
    store().saveProgram(HASH, PROGRAM);
    store().saveArtefact(HASH, new byte[] {1, 2, 3});
    passTime(hour.multipliedBy(2));
    store().saveProgram(HASH, PROGRAM);
    assertEquals(NOTHING, store().sweep(Set.of(), hour, false));
    assertContent(PROGRAM, store().program(HASH));
    assertContent(new byte[] {1, 2, 3}, store().artefact(HASH));
    passTime(hour.multipliedBy(2));
    assertEquals(1, store().sweep(Set.of(), hour, false).programs());
    store().saveProgram(HASH, PROGRAM);
    assertContent(PROGRAM, reopened().program(HASH));
  }
}
