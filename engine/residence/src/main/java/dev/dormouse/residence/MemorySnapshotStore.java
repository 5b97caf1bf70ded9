package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.sats.Identity;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.ChunkSource.ChunkVisitor;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.MissingChunkException;
import dev.dormouse.snapshot.SnapshotLimits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Snapshots in memory, in the encoded forms that other stores keep. */
final class MemorySnapshotStore implements SnapshotStore {
  private static final class StoredChunk {
    final byte[] packed;
    final Instant storedAt;

    StoredChunk(byte[] packed, Instant storedAt) {
      this.packed = packed;
      this.storedAt = storedAt;
    }
  }

  private record StoredManifest(Manifest manifest, int bytes, Optional<Instant> retiredAt) {
    boolean isVisible() {
      return retiredAt.isEmpty();
    }

    StoredManifest retired(Instant now) {
      return isVisible() ? new StoredManifest(manifest, bytes, Optional.of(now)) : this;
    }

    StoredManifest visible() {
      return new StoredManifest(manifest, bytes, Optional.empty());
    }
  }

  private final Function<DatabaseKey, Epoch> epochs;
  private final InstantSource clock;
  private final StoreFaults faults;

  // Below: guarded by this.
  private final Map<DatabaseKey, NavigableMap<Long, StoredManifest>> manifests = new TreeMap<>();
  private final Map<Identity, Map<ChunkHash, StoredChunk>> chunks = new TreeMap<>();

  MemorySnapshotStore(
      Function<DatabaseKey, Epoch> epochs, InstantSource clock, StoreFaults faults) {
    this.epochs = epochs;
    this.clock = clock;
    this.faults = faults;
  }

  private NavigableMap<Long, StoredManifest> manifestsOf(DatabaseKey key) {
    return manifests.computeIfAbsent(key, k -> new TreeMap<>());
  }

  private Map<ChunkHash, StoredChunk> chunksOf(DatabaseKey key) {
    return chunks.computeIfAbsent(key.database(), k -> new TreeMap<>());
  }

  @Override
  public Draft begin(DatabaseKey key, Epoch epoch) {
    return new MemoryDraft(key, epoch);
  }

  private final class MemoryDraft implements Draft {
    private final DatabaseKey key;
    private final Epoch epoch;
    private boolean open = true;

    MemoryDraft(DatabaseKey key, Epoch epoch) {
      this.key = key;
      this.epoch = epoch;
    }

    private void requireOpen() {
      if (!open) {
        throw new IllegalStateException("the draft has ended");
      }
    }

    @Override
    public boolean has(ChunkHash hash) {
      requireOpen();
      synchronized (MemorySnapshotStore.this) {
        return chunksOf(key).containsKey(hash);
      }
    }

    @Override
    public void add(Chunk chunk) throws IOException {
      requireOpen();
      byte[] packed = chunk.pack();
      synchronized (MemorySnapshotStore.this) {
        StoredChunk stored = new StoredChunk(packed, clock.instant());
        faults.around(
            "store of a chunk",
            () -> {
              chunksOf(key).put(chunk.hash(), stored);
              return true;
            });
      }
    }

    @Override
    public void publish(Manifest manifest) throws IOException {
      requireOpen();
      SnapshotStore.requireOf(key, manifest);
      byte[] bytes = manifest.encode();
      Manifest decoded = Manifest.decode(bytes, SnapshotLimits.DEFAULTS);
      synchronized (MemorySnapshotStore.this) {
        Epoch newest = epochs.apply(key);
        if (newest.compareTo(epoch) != 0) {
          throw new FencedException(key, epoch, newest);
        }
        for (ChunkHash hash : manifest.chunks()) {
          if (!chunksOf(key).containsKey(hash)) {
            throw new MissingChunkException(hash, "memory");
          }
        }
        faults.around(
            "publication of a snapshot",
            () -> {
              manifestsOf(key)
                  .merge(
                      manifest.header().nextOffset(),
                      new StoredManifest(decoded, bytes.length, Optional.empty()),
                      (known, same) -> known.visible());
              return true;
            });
      }
      open = false;
    }

    @Override
    public void close() {
      open = false;
    }
  }

  @Override
  public Optional<Manifest> newest(DatabaseKey key) {
    return newestBelow(key, Long.MAX_VALUE);
  }

  @Override
  public Optional<Manifest> newestUpTo(DatabaseKey key, TxOffset last) {
    return newestBelow(key, last.value() + 1);
  }

  private synchronized Optional<Manifest> newestBelow(DatabaseKey key, long nextOffsetMax) {
    return manifestsOf(key).headMap(nextOffsetMax, true).descendingMap().values().stream()
        .filter(StoredManifest::isVisible)
        .findFirst()
        .map(StoredManifest::manifest);
  }

  @Override
  public synchronized List<SnapshotSummary> list(DatabaseKey key) {
    return manifestsOf(key).values().stream()
        .filter(StoredManifest::isVisible)
        .map(stored -> SnapshotSummary.of(stored.manifest))
        .toList();
  }

  @Override
  public void read(DatabaseKey key, List<ChunkHash> hashes, ChunkVisitor visitor)
      throws IOException {
    for (ChunkHash hash : hashes) {
      StoredChunk stored = chunk(key, hash);
      if (stored == null) {
        throw new MissingChunkException(hash, "memory");
      }
      visitor.chunk(Chunk.unpack(hash, stored.packed, SnapshotLimits.DEFAULTS));
    }
  }

  private synchronized @Nullable StoredChunk chunk(DatabaseKey key, ChunkHash hash) {
    return chunksOf(key).get(hash);
  }

  @Override
  public synchronized void retire(DatabaseKey key, List<Long> snapshots) throws IOException {
    Optional<Long> newest =
        manifestsOf(key).descendingMap().entrySet().stream()
            .filter(entry -> entry.getValue().isVisible())
            .map(Map.Entry::getKey)
            .findFirst();
    List<Long> others =
        snapshots.stream().filter(next -> !Optional.of(next).equals(newest)).toList();
    markRetired(key, others);
  }

  @Override
  public synchronized void retireAll(DatabaseKey key) throws IOException {
    markRetired(key, List.copyOf(manifestsOf(key).keySet()));
  }

  private void markRetired(DatabaseKey key, List<Long> nextOffsets) throws IOException {
    Instant now = clock.instant();
    faults.around(
        "retirement of snapshots",
        () -> {
          for (long next : nextOffsets) {
            manifestsOf(key).computeIfPresent(next, (n, stored) -> stored.retired(now));
          }
          return true;
        });
  }

  @Override
  public synchronized List<DatabaseKey> withMoreThan(
      int snapshots, Optional<DatabaseKey> after, int limit) {
    return manifests.entrySet().stream()
        .filter(entry -> entry.getValue().size() > snapshots)
        .map(Map.Entry::getKey)
        .filter(key -> after.isEmpty() || key.compareTo(after.get()) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized Optional<SnapshotSummary> oldest(DatabaseKey key, Duration age) {
    Instant before = clock.instant().minus(age);
    return manifestsOf(key).values().stream()
        .filter(stored -> stored.retiredAt.filter(retired -> retired.isBefore(before)).isEmpty())
        .findFirst()
        .map(stored -> SnapshotSummary.of(stored.manifest));
  }

  @Override
  public synchronized SweepReport sweep(Duration age, boolean dryRun) throws IOException {
    Instant before = clock.instant().minus(age);
    List<Runnable> removals = new ArrayList<>();
    Map<Identity, Set<ChunkHash>> named = new TreeMap<>();
    long bytes = 0;
    for (Map.Entry<DatabaseKey, NavigableMap<Long, StoredManifest>> ofKey : manifests.entrySet()) {
      Set<ChunkHash> kept =
          named.computeIfAbsent(ofKey.getKey().database(), database -> new HashSet<>());
      for (Map.Entry<Long, StoredManifest> entry : ofKey.getValue().entrySet()) {
        StoredManifest stored = entry.getValue();
        if (stored.retiredAt.isPresent() && stored.retiredAt.get().isBefore(before)) {
          removals.add(() -> ofKey.getValue().remove(entry.getKey()));
          bytes += stored.bytes;
        } else {
          kept.addAll(stored.manifest.chunks());
        }
      }
    }
    final long snapshots = removals.size();
    for (Map.Entry<Identity, Map<ChunkHash, StoredChunk>> lineage : chunks.entrySet()) {
      Set<ChunkHash> kept = named.getOrDefault(lineage.getKey(), Set.of());
      for (Map.Entry<ChunkHash, StoredChunk> entry : lineage.getValue().entrySet()) {
        StoredChunk stored = entry.getValue();
        if (!kept.contains(entry.getKey()) && stored.storedAt.isBefore(before)) {
          removals.add(() -> lineage.getValue().remove(entry.getKey()));
          bytes += stored.packed.length;
        }
      }
    }
    if (!dryRun) {
      faults.around(
          "sweep",
          () -> {
            removals.forEach(Runnable::run);
            return true;
          });
    }
    return new SweepReport(snapshots, removals.size() - snapshots, bytes);
  }
}
