package dev.dormouse.residence;

import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.Optional;

/**
 * Programs as they were published, and what the engine has compiled of them. Thread safe; blocks.
 */
public interface ArtefactStore {
  /** Stores a program under its hash; a no-op if it is there. Durable once this returns. */
  void saveProgram(ModuleHash hash, byte[] program) throws IOException;

  /** A program's bytes. */
  Optional<byte[]> program(ModuleHash hash) throws IOException;

  /** Stores a compiled artefact; replaces an older one. May be lost: it can be compiled again. */
  void saveArtefact(ModuleHash hash, byte[] artefact) throws IOException;

  /** A compiled artefact of the engine that runs, if there is one. */
  Optional<byte[]> artefact(ModuleHash hash) throws IOException;

  /** Programs and artefacts in memory. */
  static ArtefactStore inMemory() {
    return inMemory(new StoreFaults());
  }

  /** Programs and artefacts in memory, of whose writes some may fail. */
  static ArtefactStore inMemory(StoreFaults faults) {
    return new MemoryArtefactStore(faults);
  }
}
