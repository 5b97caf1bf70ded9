package dev.dormouse.commitlog;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Removes journal files that nobody needs. Safe for use by several threads, one after another. */
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
    return new TrimReport(removed, bytes);
  }
}
