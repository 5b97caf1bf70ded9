package dev.dormouse.snapshotstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.residence.ArtefactStoreContract;
import dev.dormouse.residence.Samples;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryArtefactStoreTest extends ArtefactStoreContract {
  private static final byte[] SECRET = Samples.bytes(5, 32);
  private static final byte[] PROGRAM = {1, 2, 3};
  private static final ModuleHash HASH = ModuleHash.ofProgram(PROGRAM);

  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();
  private Instant now = Instant.now();
  private ArtefactStore store = ArtefactStore.inMemory();

  @BeforeEach
  void open() throws IOException {
    store = open("wasm-chicory-1.7.5-1", SECRET);
  }

  private ArtefactStore open(String engine, byte[] secret) throws IOException {
    return DirectoryArtefactStore.open(folder, engine, secret, () -> now, warnings::add);
  }

  @Override
  protected ArtefactStore store() {
    return store;
  }

  @Override
  protected ArtefactStore reopened() {
    try {
      return open("wasm-chicory-1.7.5-1", SECRET);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  protected void passTime(Duration duration) {
    now = now.plus(duration);
  }

  private Path onlyFile(String subfolder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(subfolder))) {
      List<Path> all = files.toList();
      assertEquals(1, all.size());
      return all.getFirst();
    }
  }

  @Test
  void anArtefactIsForOneEngineAndOneNode() throws IOException {
    store.saveArtefact(HASH, new byte[] {9});
    assertTrue(open("wasm-chicory-1.7.6-1", SECRET).artefact(HASH).isEmpty());
    assertTrue(open("wasm-chicory-1.7.5-1", Samples.bytes(6, 32)).artefact(HASH).isEmpty());
    assertTrue(reopened().artefact(HASH).isPresent());
  }

  @Test
  void aChangedArtefactCountsAsAbsent() throws IOException {
    store.saveArtefact(HASH, new byte[] {9, 8, 7});
    Path file = onlyFile("artefacts");
    byte[] sealed = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * sealed.length; bit++) {
      byte[] flipped = sealed.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, flipped);
      assertTrue(store.artefact(HASH).isEmpty(), "bit " + bit);
    }
    Files.write(file, new byte[5]);
    assertTrue(store.artefact(HASH).isEmpty());
    assertEquals(8 * sealed.length + 1, warnings.size());
    Files.write(file, sealed);
    assertTrue(store.artefact(HASH).isPresent());
  }

  @Test
  void anArtefactUnderAnotherProgramsNameCountsAsAbsent() throws IOException {
    ModuleHash other = ModuleHash.ofProgram(new byte[] {4});
    store.saveArtefact(HASH, new byte[] {9, 8, 7});
    Path file = onlyFile("artefacts");
    String name = file.getFileName().toString().replace(HASH.toHex(), other.toHex());
    Files.copy(file, file.resolveSibling(name));
    assertTrue(store.artefact(other).isEmpty());
  }

  @Test
  void anArtefactOfAnEngineBeforeGoesAndAStrangersFileStays() throws IOException {
    store.saveProgram(HASH, PROGRAM);
    store.saveArtefact(HASH, new byte[] {9});
    open("wasm-chicory-1.7.4-1", SECRET).saveArtefact(HASH, new byte[] {8});
    Path notes = folder.resolve("programs/notes.txt");
    Files.write(notes, new byte[] {1});
    passTime(Duration.ofHours(2));
    ArtefactStore.SweepReport swept = store.sweep(Set.of(HASH), Duration.ofHours(1), false);
    assertEquals(1, swept.artefacts());
    assertEquals(0, swept.programs());
    assertTrue(store.artefact(HASH).isPresent());
    assertTrue(open("wasm-chicory-1.7.4-1", SECRET).artefact(HASH).isEmpty());
    assertTrue(Files.exists(notes));
  }

  @Test
  void aDamagedProgramIsNotHandedOutAndCanBeSavedAgain() throws IOException {
    store.saveProgram(HASH, PROGRAM);
    Files.write(onlyFile("programs"), new byte[] {1, 2, 4});
    IOException damaged = assertThrows(IOException.class, () -> store.program(HASH));
    assertTrue(String.valueOf(damaged.getMessage()).contains("damaged"));
    store.saveProgram(HASH, PROGRAM);
    assertArrayEquals(PROGRAM, store.program(HASH).orElseThrow());
  }

  @Test
  void aProgramOfAnotherHashIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> store.saveProgram(HASH, new byte[] {1}));
  }

  @Test
  void weakSecretsAndNamesThatLeadElsewhereAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> open("wasm", new byte[31]));
    for (String engine : List.of("", "../x", "a/b", ".", "A")) {
      assertThrows(IllegalArgumentException.class, () -> open(engine, SECRET), engine);
    }
  }
}
