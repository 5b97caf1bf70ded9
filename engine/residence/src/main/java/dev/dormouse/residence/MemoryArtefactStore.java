package dev.dormouse.residence;

import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Programs and artefacts in memory. */
final class MemoryArtefactStore implements ArtefactStore {
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Stored(byte[] content, Instant savedAt) {}

  private final Map<ModuleHash, Stored> programs = new ConcurrentHashMap<>();
  private final Map<ModuleHash, Stored> artefacts = new ConcurrentHashMap<>();
  private final InstantSource clock;
  private final StoreFaults faults;

  MemoryArtefactStore(InstantSource clock, StoreFaults faults) {
    this.clock = clock;
    this.faults = faults;
  }

  @Override
  public void saveProgram(ModuleHash hash, byte[] program) throws IOException {
    put(programs, hash, program);
  }

  @Override
  public Optional<byte[]> program(ModuleHash hash) {
    return content(programs, hash);
  }

  @Override
  public void saveArtefact(ModuleHash hash, byte[] artefact) throws IOException {
    put(artefacts, hash, artefact);
  }

  @Override
  public Optional<byte[]> artefact(ModuleHash hash) {
    return content(artefacts, hash);
  }

  private static Optional<byte[]> content(Map<ModuleHash, Stored> map, ModuleHash hash) {
    return Optional.ofNullable(map.get(hash)).map(stored -> stored.content.clone());
  }

  private void put(Map<ModuleHash, Stored> map, ModuleHash hash, byte[] content)
      throws IOException {
    Stored stored = new Stored(content.clone(), clock.instant());
    faults.around(
        "save " + hash,
        () -> {
          map.put(hash, stored);
          return true;
        });
  }

  @Override
  public SweepReport sweep(Set<ModuleHash> needed, Duration age, boolean dryRun)
      throws IOException {
    Instant before = clock.instant().minus(age);
    List<ModuleHash> old = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<ModuleHash, Stored> program : programs.entrySet()) {
      if (!needed.contains(program.getKey()) && program.getValue().savedAt.isBefore(before)) {
        old.add(program.getKey());
        bytes += program.getValue().content.length;
      }
    }
    List<ModuleHash> useless = new ArrayList<>();
    for (Map.Entry<ModuleHash, Stored> artefact : artefacts.entrySet()) {
      boolean orphaned =
          !programs.containsKey(artefact.getKey()) && artefact.getValue().savedAt.isBefore(before);
      if (old.contains(artefact.getKey()) || orphaned) {
        useless.add(artefact.getKey());
        bytes += artefact.getValue().content.length;
      }
    }
    if (!dryRun) {
      remove(artefacts, useless);
      remove(programs, old);
    }
    return new SweepReport(old.size(), useless.size(), bytes);
  }

  private void remove(Map<ModuleHash, Stored> map, List<ModuleHash> hashes) throws IOException {
    for (ModuleHash hash : hashes) {
      faults.around("removal of " + hash, () -> map.remove(hash) != null);
    }
  }
}
