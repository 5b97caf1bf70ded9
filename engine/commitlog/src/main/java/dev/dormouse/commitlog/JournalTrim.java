package dev.dormouse.commitlog;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Removes journal files that nobody needs, and writes indexes beside those that stay and are not
 * appended to any more. Safe for use by several threads, one after another.
 */
final class JournalTrim {
  private final LogStorage storage;
  private final JournalIndex index;

  /** Taken out of the index but not yet off the disk, because a removal failed. */
  private final ArrayDeque<JournalIndex.Removal> pending = new ArrayDeque<>();

  JournalTrim(LogStorage storage, JournalIndex index) {
    this.storage = storage;
    this.index = index;
  }

  synchronized TrimReport run() throws IOException {
    pending.addAll(index.takeUnneeded());
    List<String> removed = new ArrayList<>();
    long bytes = 0;
    while (!pending.isEmpty()) {
      JournalFile file = pending.getFirst().file();
      var marker = pending.getFirst().marker();
      if (marker.isPresent() && !storage.list().contains(marker.get().name())) {
        storage.create(marker.get().name()).close();
      }
      deleteIfThere(FileIndex.nameOf(file.sequence));
      storage.delete(file.name);
      pending.removeFirst();
      removed.add(file.name);
      bytes += file.bytes;
    }
    List<String> names = storage.list();
    for (JournalFormat.Trimmed marker : index.takeLeadingMarkers()) {
      if (names.contains(marker.name())) {
        storage.delete(marker.name());
      }
    }
    writeIndexes();
    return new TrimReport(removed, bytes);
  }

  /** One at a time in memory; one that a failure left torn is written again. */
  private void writeIndexes() throws IOException {
    for (long sequence : index.unindexed()) {
      Optional<FileIndex> known = index.of(sequence);
      if (known.isPresent()) {
        deleteIfThere(FileIndex.nameOf(sequence));
        known.get().write(storage);
        index.indexed(sequence);
      }
    }
  }

  private void deleteIfThere(String name) throws IOException {
    if (storage.list().contains(name)) {
      storage.delete(name);
    }
  }
}
