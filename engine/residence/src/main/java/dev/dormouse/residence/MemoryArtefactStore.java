package dev.dormouse.residence;

import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Programs and artefacts in memory. */
final class MemoryArtefactStore implements ArtefactStore {
  private final Map<ModuleHash, byte[]> programs = new ConcurrentHashMap<>();
  private final Map<ModuleHash, byte[]> artefacts = new ConcurrentHashMap<>();
  private final StoreFaults faults;

  MemoryArtefactStore(StoreFaults faults) {
    this.faults = faults;
  }

  @Override
  public void saveProgram(ModuleHash hash, byte[] program) throws IOException {
    put(programs, hash, program);
  }

  @Override
  public Optional<byte[]> program(ModuleHash hash) {
    return Optional.ofNullable(programs.get(hash)).map(byte[]::clone);
  }

  @Override
  public void saveArtefact(ModuleHash hash, byte[] artefact) throws IOException {
    put(artefacts, hash, artefact);
  }

  @Override
  public Optional<byte[]> artefact(ModuleHash hash) {
    return Optional.ofNullable(artefacts.get(hash)).map(byte[]::clone);
  }

  private void put(Map<ModuleHash, byte[]> map, ModuleHash hash, byte[] content)
      throws IOException {
    byte[] copy = content.clone();
    faults.around(
        "save " + hash,
        () -> {
          map.put(hash, copy);
          return true;
        });
  }
}
