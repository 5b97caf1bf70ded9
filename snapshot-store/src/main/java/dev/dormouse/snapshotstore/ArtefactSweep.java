package dev.dormouse.snapshotstore;

import dev.dormouse.residence.ArtefactStore.SweepReport;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One look through the folder of a {@link DirectoryArtefactStore}. Files whose names it does not
 * know stay. May die at any moment: of a program that goes, what was compiled of it goes first.
 */
final class ArtefactSweep {
  private static final Pattern PROGRAM =
      Pattern.compile("([0-9a-f]{64})" + Pattern.quote(DirectoryArtefactStore.PROGRAM_SUFFIX));
  private static final Pattern ARTEFACT =
      Pattern.compile(
          "([0-9a-f]{64})-(.+)" + Pattern.quote(DirectoryArtefactStore.ARTEFACT_SUFFIX));

  private final DurableFiles files;
  private final String engine;
  private final Lock saving;
  private final Instant before;
  private final boolean dryRun;
  private long programs;
  private long artefacts;
  private long bytes;

  /**
   * A sweep.
   *
   * @param saving held for each file, so that none is saved between the look and the removal
   * @param before what was modified since stays
   */
  ArtefactSweep(DurableFiles files, String engine, Lock saving, Instant before, boolean dryRun) {
    this.files = files;
    this.engine = engine;
    this.saving = saving;
    this.before = before;
    this.dryRun = dryRun;
  }

  private interface Visitor {
    void visit(Path file, Matcher name) throws IOException;
  }

  SweepReport run(Set<ModuleHash> needed) throws IOException {
    Path ofPrograms = files.root().resolve(DirectoryArtefactStore.PROGRAMS);
    each(
        DirectoryArtefactStore.ARTEFACTS,
        ARTEFACT,
        (file, name) -> {
          Path program = ofPrograms.resolve(name.group(1) + DirectoryArtefactStore.PROGRAM_SUFFIX);
          boolean ofNoUse = !name.group(2).equals(engine) || !Files.exists(program);
          boolean useless =
              ofNoUse
                  ? isOld(file)
                  : !needed.contains(ModuleHash.fromHex(name.group(1))) && isOld(program);
          if (useless) {
            remove(file);
            artefacts++;
          }
        });
    each(
        DirectoryArtefactStore.PROGRAMS,
        PROGRAM,
        (file, name) -> {
          if (!needed.contains(ModuleHash.fromHex(name.group(1))) && isOld(file)) {
            remove(file);
            programs++;
          }
        });
    return new SweepReport(programs, artefacts, bytes);
  }

  private void each(String folder, Pattern pattern, Visitor visitor) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(files.root().resolve(folder))) {
      for (Path entry : entries) {
        Matcher name = pattern.matcher(entry.getFileName().toString());
        if (name.matches()) {
          saving.lock();
          try {
            visitor.visit(entry, name);
          } finally {
            saving.unlock();
          }
        }
      }
    } catch (NoSuchFileException e) {
      return; // Nothing was ever saved.
    }
  }

  private boolean isOld(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(before);
  }

  private void remove(Path file) throws IOException {
    bytes += Files.size(file);
    if (!dryRun) {
      files.delete(file);
    }
  }
}
