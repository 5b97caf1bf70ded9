package dev.dormouse.commitlog;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Files in memory that model a disk: what was not synced can be lost in a {@link #crash}, in whole,
 * in part and out of order. For tests and the simulation.
 */
public final class MemoryLogStorage implements LogStorage {
  /** Sizes of the pieces that a torn write may consist of, in bytes. */
  private static final int[] TEARS = {1, 64, 512, 4096};

  private final Map<String, Content> files = new TreeMap<>();
  private long life;

  MemoryLogStorage() {}

  /** A file's bytes, and which of them a crash cannot take. */
  private static final class Content {
    private byte[] bytes = new byte[0];
    private int size;
    private int synced;

    /** Ranges below {@code synced} that a failed sync left unwritten: pairs of from and to. */
    private final List<int[]> unwritten = new ArrayList<>();

    void append(byte[] more, int offset, int length) {
      if (length > bytes.length - size) {
        bytes = Arrays.copyOf(bytes, Math.max(size + length, 2 * bytes.length));
      }
      System.arraycopy(more, offset, bytes, size, length);
      size += length;
    }

    void tear(int from, int to, RandomGenerator random) {
      int piece = TEARS[random.nextInt(TEARS.length)];
      for (int at = from; at < to; ) {
        int next = Math.min(to, (at / piece + 1) * piece);
        if (random.nextBoolean()) {
          Arrays.fill(bytes, at, next, (byte) 0);
        }
        at = next;
      }
    }

    void crash(RandomGenerator random) {
      for (int[] range : unwritten) {
        tear(range[0], range[1], random);
      }
      unwritten.clear();
      if (size > synced) {
        int fate = random.nextInt(4);
        if (fate == 0) {
          size = synced;
        } else if (fate == 1) {
          size = synced + random.nextInt(size - synced + 1);
        } else if (fate == 2) {
          size = synced + random.nextInt(size - synced + 1);
          tear(synced, size, random);
        } // else all was written though nobody waited for it
      }
      synced = size;
    }
  }

  private Content content(String name) throws NoSuchFileException {
    LogStorage.checkName(name);
    Content content = files.get(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    return content;
  }

  /**
   * What a power cut does: of each file's unsynced bytes any prefix stays, or pieces of one, and
   * all handles of before are dead. The storage then is what a restarted process finds.
   */
  public synchronized void crash(RandomGenerator random) {
    life++;
    files.values().forEach(content -> content.crash(random));
  }

  /**
   * What a failed sync does: the bytes stay readable, and count as clean for any later sync, but
   * the next crash may take them.
   */
  synchronized void failSync(String name) throws NoSuchFileException {
    Content content = content(name);
    content.unwritten.add(new int[] {content.synced, content.size});
    content.synced = content.size;
  }

  /** A copy of the storage as it stands, synced and unsynced bytes alike. */
  public synchronized MemoryLogStorage copy() {
    MemoryLogStorage copy = new MemoryLogStorage();
    files.forEach(
        (name, content) -> {
          Content twin = new Content();
          twin.append(content.bytes, 0, content.size);
          twin.synced = content.synced;
          twin.unwritten.addAll(content.unwritten);
          copy.files.put(name, twin);
        });
    return copy;
  }

  /** Turns one bit of a file over, as a bad disk does. */
  public synchronized void flipBit(String name, long position, int bit) throws IOException {
    content(name).bytes[Math.toIntExact(position)] ^= (byte) (1 << bit);
  }

  @Override
  public synchronized LogFile create(String name) throws IOException {
    LogStorage.checkName(name);
    Content content = new Content();
    if (files.putIfAbsent(name, content) != null) {
      throw new FileAlreadyExistsException(name);
    }
    return new Appending(content, life);
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(files.keySet());
  }

  @Override
  public synchronized long size(String name) throws IOException {
    return content(name).size;
  }

  @Override
  public synchronized int read(String name, long position, byte[] into, int offset, int length)
      throws IOException {
    Content content = content(name);
    if (position >= content.size) {
      return 0;
    }
    int count = Math.min(length, content.size - (int) position);
    System.arraycopy(content.bytes, (int) position, into, offset, count);
    return count;
  }

  @Override
  public synchronized void truncate(String name, long size) throws IOException {
    Content content = content(name);
    if (size > content.size) {
      throw new IllegalArgumentException(
          "%s has %d bytes, cannot be cut to %d".formatted(name, content.size, size));
    }
    content.size = (int) size;
    content.synced = content.size;
    content.unwritten.removeIf(range -> range[0] >= size);
    content.unwritten.replaceAll(range -> new int[] {range[0], Math.min(range[1], (int) size)});
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    content(name);
    files.remove(name);
  }

  @Override
  public void close() {}

  private final class Appending implements LogFile {
    private final Content content;
    private final long born;
    private boolean closed;

    Appending(Content content, long born) {
      this.content = content;
      this.born = born;
    }

    private void requireOpen() throws IOException {
      if (closed || born != life) {
        throw new IOException(closed ? "file is closed" : "the process has crashed");
      }
    }

    @Override
    public void append(byte[] bytes, int offset, int length) throws IOException {
      synchronized (MemoryLogStorage.this) {
        requireOpen();
        content.append(bytes, offset, length);
      }
    }

    @Override
    public void sync() throws IOException {
      synchronized (MemoryLogStorage.this) {
        requireOpen();
        content.synced = content.size;
      }
    }

    @Override
    public long size() {
      synchronized (MemoryLogStorage.this) {
        return content.size;
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
