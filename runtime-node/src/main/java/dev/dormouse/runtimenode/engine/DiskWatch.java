package dev.dormouse.runtimenode.engine;

import dev.dormouse.database.WriteAdmission;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Refuses new commits while a disk that they need is nearly full, so that what is there can still
 * be stored, archived and deleted. Somebody calls {@link #tick} about once a second. Source: design
 * §10.
 */
final class DiskWatch implements WriteAdmission {
  private static final Logger LOG = Logger.getLogger(DiskWatch.class);

  private final List<Watched> folders = new ArrayList<>();
  private final long freeBytesMin;
  private volatile Optional<EngineException> refusal = Optional.empty();

  private record Watched(Path folder, FileStore store) {}

  /**
   * Watches the disks of folders.
   *
   * @param freeBytesMin below this many free bytes on any new commits are refused; 0 never refuses
   */
  DiskWatch(List<Path> folders, long freeBytesMin) throws IOException {
    for (Path folder : folders) {
      this.folders.add(new Watched(folder, Files.getFileStore(folder)));
    }
    this.freeBytesMin = freeBytesMin;
    tick();
  }

  /** Looks at the disks. */
  void tick() {
    Optional<EngineException> before = refusal;
    Optional<EngineException> now =
        folders.stream().flatMap(each -> tooLittle(each).stream()).findFirst();
    refusal = now;
    if (now.isPresent() && before.isEmpty()) {
      LOG.error(now.get().text());
    } else if (now.isEmpty() && before.isPresent()) {
      LOG.warn("there is room on the disk again, and new writes are taken");
    }
  }

  private Optional<EngineException> tooLittle(Watched watched) {
    long free;
    try {
      free = watched.store.getUsableSpace();
    } catch (IOException e) {
      // Not a reason to refuse: a disk that is gone fails the writes themselves.
      LOG.errorf("the free space of %s cannot be read: %s", watched.folder, e);
      return Optional.empty();
    }
    return free >= freeBytesMin
        ? Optional.empty()
        : Optional.of(
            EngineException.operator(
                "no new writes: folder %s has %d bytes free, limit %d bytes"
                    .formatted(watched.folder, free, freeBytesMin)));
  }

  @Override
  public Optional<EngineException> refusal() {
    return refusal;
  }
}
