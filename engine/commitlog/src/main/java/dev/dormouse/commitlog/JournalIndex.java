package dev.dormouse.commitlog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where in which file the durable records of each database are. Sparse: entries are joined over
 * small gaps, and their number is bounded per database and file. Safe for use by several threads.
 */
final class JournalIndex {
  private final LogLimits limits;
  private final Map<DatabaseKey, KeyRuns> keys = new HashMap<>();
  private final TreeMap<Long, JournalFile> files = new TreeMap<>();
  private final TreeMap<Long, JournalFormat.Trimmed> trimmed = new TreeMap<>();

  JournalIndex(LogLimits limits) {
    this.limits = limits;
  }

  synchronized void addFile(JournalFile file) {
    files.put(file.sequence, file);
  }

  synchronized void addTrimmed(JournalFormat.Trimmed marker) {
    trimmed.put(marker.sequence(), marker);
  }

  /** Makes room for a group that has become durable in the newest file. */
  synchronized void extend(JournalFile file, long endGroup, long bytes) {
    file.endGroup = endGroup;
    file.bytes = bytes;
  }

  synchronized void seal(JournalFile file) {
    file.sealed = true;
  }

  /**
   * Ends a file that was cut to its durable groups.
   *
   * @return whether it has any; otherwise it is no part of the journal any more
   */
  synchronized boolean settle(JournalFile file) {
    if (file.endGroup == file.firstGroup) {
      files.remove(file.sequence, file);
      return false;
    }
    file.sealed = true;
    return true;
  }

  /**
   * Adds what has become durable of one database.
   *
   * @return what is wrong with it, if it does not follow from what is there
   */
  synchronized Optional<String> add(DatabaseKey key, Run run) {
    KeyRuns runs = keys.computeIfAbsent(key, KeyRuns::new);
    if (!runs.runs.isEmpty()) {
      Run last = runs.runs.getLast();
      boolean sameEpoch = run.epoch() == last.epoch();
      if (run.epoch() < last.epoch() || (sameEpoch && run.first() <= last.last())) {
        return Optional.of(wrongOrder(key, run, last));
      }
      if (sameEpoch && run.first() != last.last() + 1) {
        if (!removedBetween(last.file().sequence, run.file().sequence)
            && !partlyKnown(last.file().sequence, run.file().sequence)) {
          return Optional.of(wrongOrder(key, run, last));
        }
        // What is not known between may go because it was archived, and so was all before it.
        runs.archivedBelow = Math.max(runs.archivedBelow, run.first());
      }
    }
    runs.add(run, limits);
    run.file().keys.add(runs);
    return Optional.empty();
  }

  private boolean removedBetween(long older, long newer) {
    return !trimmed.subMap(older, false, newer, false).isEmpty();
  }

  private boolean partlyKnown(long older, long newer) {
    return files.subMap(older, false, newer, true).values().stream()
        .anyMatch(file -> file.partlyKnown);
  }

  private static String wrongOrder(DatabaseKey key, Run run, Run last) {
    return "records of %s jump from epoch %d, tx offset %d to epoch %d, tx offset %d"
        .formatted(key, last.epoch(), last.last(), run.epoch(), run.first());
  }

  /** Checks that an owner may append from here on, and notes where its epoch begins. */
  synchronized void begin(DatabaseKey key, Epoch epoch, TxOffset next) {
    KeyRuns runs = keys.get(key);
    if (runs == null || runs.runs.isEmpty()) {
      return; // Nothing here: what came before is the archive's business.
    }
    Run last = runs.runs.getLast();
    long gap = next.value() - last.last() - 1;
    long file = last.file().sequence;
    boolean unknown = removedBetween(file, Long.MAX_VALUE) || partlyKnown(file, Long.MAX_VALUE);
    boolean follows = gap == 0 || (gap > 0 && unknown);
    boolean owns = epoch.value() >= runs.lastEpoch() && (epoch.value() > last.epoch() || follows);
    if (!owns) {
      throw new IllegalStateException(
          "%s cannot continue at epoch %s, tx offset %s after epoch %d, tx offset %d; known: epoch %d"
              .formatted(key, epoch, next, last.epoch(), last.last(), runs.lastEpoch()));
    }
    runs.beginEpoch(epoch.value(), next.value());
  }

  synchronized Optional<TxOffset> last(DatabaseKey key) {
    KeyRuns runs = keys.get(key);
    return runs == null || runs.runs.isEmpty()
        ? Optional.empty()
        : Optional.of(new TxOffset(runs.runs.getLast().last()));
  }

  synchronized List<LogRange> ranges(DatabaseKey key) {
    KeyRuns runs = keys.get(key);
    List<LogRange> ranges = new ArrayList<>();
    if (runs != null) {
      runs.runs.forEach(run -> addRange(ranges, run.range(key, run.first(), run.last())));
    }
    return ranges;
  }

  private static void addRange(List<LogRange> ranges, LogRange more) {
    if (!ranges.isEmpty()) {
      LogRange last = ranges.getLast();
      if (last.key().equals(more.key())
          && last.epoch().equals(more.epoch())
          && last.last().value() + 1 == more.first().value()) {
        ranges.set(
            ranges.size() - 1,
            new LogRange(
                last.key(), last.epoch(), last.first(), more.last(), last.bytes() + more.bytes()));
        return;
      }
    }
    ranges.add(more);
  }

  /** What of all databases is neither archived nor void, by database. */
  synchronized List<LogRange> unarchived() {
    List<KeyRuns> ordered = new ArrayList<>(keys.values());
    ordered.sort((one, other) -> one.key.compareTo(other.key));
    List<LogRange> ranges = new ArrayList<>();
    for (KeyRuns runs : ordered) {
      for (Run run : runs.runs) {
        if (!runs.isReleased(run)) {
          addRange(ranges, run.range(runs.key, runs.firstKept(run), runs.lastValid(run)));
        }
      }
    }
    return ranges;
  }

  /** What little of sealed files is still needed, oldest file first. */
  synchronized List<Straggler> stragglers() {
    List<Straggler> stragglers = new ArrayList<>();
    for (JournalFile file : files.values()) {
      List<Straggler> ofFile = new ArrayList<>();
      long bytes = 0;
      for (KeyRuns runs : file.keys) {
        for (Run run : runs.runs) {
          if (run.file() == file && !runs.isReleased(run)) {
            bytes += run.ownBytes();
            LogRange range = run.range(runs.key, runs.firstKept(run), runs.lastValid(run));
            ofFile.add(new Straggler(file.name, range));
          }
        }
      }
      if (file.sealed && bytes <= limits.stragglerBytesMax()) {
        stragglers.addAll(ofFile);
      }
    }
    return stragglers;
  }

  /** Lets records go; a database of which all may go costs no memory any more. */
  synchronized void archivedUpTo(DatabaseKey key, TxOffset offset) {
    KeyRuns runs = keys.get(key);
    if (runs != null) {
      runs.archivedBelow = Math.max(runs.archivedBelow, offset.value() + 1);
      if (runs.runs.stream().allMatch(runs::isReleased)) {
        forget(key);
      }
    }
  }

  synchronized void forget(DatabaseKey key) {
    KeyRuns runs = keys.remove(key);
    if (runs != null) {
      for (Run run : runs.runs) {
        run.file().keys.remove(runs);
        run.file().partlyKnown = true;
      }
    }
  }

  /** Pieces to read, whose files stay until they are given back. */
  final class Reading implements AutoCloseable {
    final EpochMerge.Plan<Run> plan;
    private final Set<JournalFile> pinned;

    private Reading(EpochMerge.Plan<Run> plan, Set<JournalFile> pinned) {
      this.plan = plan;
      this.pinned = pinned;
    }

    @Override
    public void close() {
      synchronized (JournalIndex.this) {
        pinned.forEach(file -> file.readers--);
      }
    }
  }

  /** Plans the reading of one database from an offset on. */
  synchronized Reading read(DatabaseKey key, TxOffset from) {
    KeyRuns runs = keys.get(key);
    if (runs == null) {
      return new Reading(new EpochMerge.Plan<>(List.of(), Optional.empty()), Set.of());
    }
    EpochMerge.Plan<Run> plan = runs.plan(from.value());
    Set<JournalFile> pinned = new LinkedHashSet<>();
    plan.pieces().forEach(piece -> pinned.add(piece.source().file()));
    pinned.forEach(file -> file.readers++);
    return new Reading(plan, pinned);
  }

  /**
   * A file to remove from the storage.
   *
   * @param marker to leave behind, if an older file stays
   */
  record Removal(JournalFile file, Optional<JournalFormat.Trimmed> marker) {}

  /** Takes out of the index the sealed files that nobody needs, oldest first. */
  synchronized List<Removal> takeUnneeded() {
    List<JournalFile> unneeded = new ArrayList<>();
    for (JournalFile file : files.values()) {
      if (file.sealed && file.readers == 0 && isReleased(file)) {
        unneeded.add(file);
      }
    }
    List<Removal> removals = new ArrayList<>();
    for (JournalFile file : unneeded) {
      files.remove(file.sequence);
      for (KeyRuns runs : file.keys) {
        runs.runs.removeIf(run -> run.file() == file);
        if (runs.runs.isEmpty()) {
          keys.remove(runs.key, runs);
        }
      }
      // Those before it in this loop have gone already: what is lower now stays.
      boolean olderStays = files.lowerEntry(file.sequence) != null;
      Optional<JournalFormat.Trimmed> marker =
          olderStays ? Optional.of(file.asTrimmed()) : Optional.empty();
      marker.ifPresent(this::addTrimmed);
      removals.add(new Removal(file, marker));
    }
    return removals;
  }

  private static boolean isReleased(JournalFile file) {
    for (KeyRuns runs : file.keys) {
      for (Run run : runs.runs) {
        if (run.file() == file && !runs.isReleased(run)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Sealed files that have no index, oldest first. */
  synchronized List<Long> unindexed() {
    return files.values().stream()
        .filter(file -> file.sealed && !file.indexed)
        .map(file -> file.sequence)
        .toList();
  }

  /** What there is to say of a sealed file, if it is there. */
  synchronized Optional<FileIndex> of(long sequence) {
    JournalFile file = files.get(sequence);
    if (file == null) {
      return Optional.empty();
    }
    List<FileIndex.Entry> entries = new ArrayList<>();
    for (KeyRuns runs : file.keys) {
      for (Run run : runs.runs) {
        if (run.file() == file) {
          entries.add(new FileIndex.Entry(runs.key, run));
        }
      }
    }
    return Optional.of(
        new FileIndex(file.header(), file.endGroup, file.bytes, file.partlyKnown, entries));
  }

  /** A file has an index from now on. */
  synchronized void indexed(long sequence) {
    JournalFile file = files.get(sequence);
    if (file != null) {
      file.indexed = true;
    }
  }

  /** Takes out the markers that no file precedes any more, oldest first. */
  synchronized List<JournalFormat.Trimmed> takeLeadingMarkers() {
    var leading = files.isEmpty() ? trimmed : trimmed.headMap(files.firstKey(), false);
    List<JournalFormat.Trimmed> markers = new ArrayList<>(leading.values());
    leading.clear();
    return markers;
  }

  synchronized int fileCount() {
    return files.size();
  }

  synchronized long bytes() {
    return files.values().stream().mapToLong(file -> file.bytes).sum();
  }

  /** How many entries there are, of all databases. */
  synchronized int runCount() {
    return keys.values().stream().mapToInt(runs -> runs.runs.size()).sum();
  }
}
