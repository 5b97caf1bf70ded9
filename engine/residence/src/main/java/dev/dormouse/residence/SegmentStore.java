package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.SegmentName;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Where segments of the log live for good: objects that are created once and never overwritten.
 *
 * <p>Names are relative, {@code <database hex>/<generation>/<sequence>.seg}. Thread safe; blocks.
 */
public interface SegmentStore {
  /**
   * Creates an object; durable once this returns.
   *
   * @return false if an object of that name exists already, whatever its content
   */
  boolean create(String name, byte[] content) throws IOException;

  /** An object's content, or empty if there is none. */
  Optional<byte[]> read(String name) throws IOException;

  /** An object's first bytes, all of it if it has no more; empty if there is none. */
  Optional<byte[]> readFirst(String name, int bytes) throws IOException;

  /** The names that start with a prefix, in ascending order. */
  List<String> list(String prefix) throws IOException;

  /** Deletes an object, if there is one. */
  void delete(String name) throws IOException;

  /**
   * Deletes all objects of a life of a database that has ended, and what the store keeps for them.
   * If it fails, some of them may be gone.
   */
  default void deleteAll(DatabaseKey key) throws IOException {
    for (String name : list(SegmentName.folder(key))) {
      delete(name);
    }
  }

  /** Objects in memory. */
  static SegmentStore inMemory() {
    return inMemory(new StoreFaults());
  }

  /** Objects in memory, of whose writes some may fail. */
  static SegmentStore inMemory(StoreFaults faults) {
    return new MemorySegmentStore(faults);
  }

  /** Refuses what is not the name of a segment, so that none can lead elsewhere. */
  static void checkName(String name) {
    if (!isName(name)) {
      throw new IllegalArgumentException("not the name of a segment: `" + name + "`");
    }
  }

  /** Whether this is the name of a segment. */
  static boolean isName(String name) {
    return SegmentName.parse(name).isPresent();
  }
}
