package dev.dormouse.residence;

import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/**
 * Programs as they were published, and what the engine has compiled of them. Thread safe; blocks.
 */
public interface ArtefactStore {
  /**
   * Stores a program under its hash; if it is there already, it is as young as a new one from now
   * on. Durable once this returns.
   */
  void saveProgram(ModuleHash hash, byte[] program) throws IOException;

  /** A program's bytes. */
  Optional<byte[]> program(ModuleHash hash) throws IOException;

  /** Stores a compiled artefact; replaces an older one. May be lost: it can be compiled again. */
  void saveArtefact(ModuleHash hash, byte[] artefact) throws IOException;

  /** A compiled artefact of the engine that runs, if there is one. */
  Optional<byte[]> artefact(ModuleHash hash) throws IOException;

  /**
   * Removes programs that were not saved for an age, with what was compiled of them, and artefacts
   * of that age that are of no use: their program is gone, or they are for another engine.
   *
   * @param needed these programs stay, whatever their age
   * @param dryRun whether to report only
   */
  SweepReport sweep(Set<ModuleHash> needed, Duration age, boolean dryRun) throws IOException;

  /**
   * What a sweep removed, or would.
   *
   * @param programs how many
   * @param artefacts how many
   * @param bytes of both
   */
  record SweepReport(long programs, long artefacts, long bytes) {}

  /** Programs and artefacts in memory, where time stands still. */
  static ArtefactStore inMemory() {
    return inMemory(() -> Instant.EPOCH, new StoreFaults());
  }

  /**
   * Programs and artefacts in memory, of whose writes some may fail.
   *
   * @param clock tells their age
   */
  static ArtefactStore inMemory(InstantSource clock, StoreFaults faults) {
    return new MemoryArtefactStore(clock, faults);
  }
}
