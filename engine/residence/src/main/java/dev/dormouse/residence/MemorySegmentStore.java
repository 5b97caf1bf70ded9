package dev.dormouse.residence;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Segment objects in memory. */
final class MemorySegmentStore implements SegmentStore {
  private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final StoreFaults faults;

  MemorySegmentStore(StoreFaults faults) {
    this.faults = faults;
  }

  @Override
  public boolean create(String name, byte[] content) throws IOException {
    SegmentStore.checkName(name);
    byte[] copy = content.clone();
    return faults.around("create " + name, () -> objects.putIfAbsent(name, copy) == null);
  }

  @Override
  public Optional<byte[]> read(String name) {
    SegmentStore.checkName(name);
    return Optional.ofNullable(objects.get(name)).map(byte[]::clone);
  }

  @Override
  public Optional<byte[]> readFirst(String name, int bytes) {
    return read(name).map(all -> Arrays.copyOf(all, Math.min(all.length, bytes)));
  }

  @Override
  public List<String> list(String prefix) {
    return objects.tailMap(prefix).keySet().stream()
        .takeWhile(name -> name.startsWith(prefix))
        .toList();
  }

  @Override
  public void delete(String name) throws IOException {
    SegmentStore.checkName(name);
    faults.around("delete " + name, () -> objects.remove(name) != null);
  }
}
