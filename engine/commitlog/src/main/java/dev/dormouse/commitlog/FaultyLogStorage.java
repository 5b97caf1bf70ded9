package dev.dormouse.commitlog;

import java.io.IOException;
import java.util.List;

/**
 * A memory storage on which chosen operations fail. A failed sync leaves its bytes readable and yet
 * not durable, as Linux does.
 */
public final class FaultyLogStorage implements LogStorage {
  private final MemoryLogStorage disk;
  private LogFaults faults = LogFaults.NONE;
  private long appends;
  private long syncs;
  private long creates;
  private long removals;

  /** Works on the given disk, without faults until some are armed. */
  public FaultyLogStorage(MemoryLogStorage disk) {
    this.disk = disk;
  }

  /** Replaces the faults, and starts counting anew. */
  public synchronized void arm(LogFaults newFaults) {
    faults = newFaults;
    appends = 0;
    syncs = 0;
    creates = 0;
    removals = 0;
  }

  @Override
  public synchronized LogFile create(String name) throws IOException {
    if (++creates == faults.createToFail()) {
      throw new IOException("armed: create of " + name + " fails");
    }
    return new Appending(name, disk.create(name));
  }

  @Override
  public List<String> list() {
    return disk.list();
  }

  @Override
  public long size(String name) throws IOException {
    return disk.size(name);
  }

  @Override
  public int read(String name, long position, byte[] into, int offset, int length)
      throws IOException {
    return disk.read(name, position, into, offset, length);
  }

  @Override
  public void truncate(String name, long size) throws IOException {
    countRemoval(name);
    disk.truncate(name, size);
  }

  @Override
  public void delete(String name) throws IOException {
    countRemoval(name);
    disk.delete(name);
  }

  @Override
  public void close() {
    disk.close();
  }

  private synchronized void countRemoval(String name) throws IOException {
    if (++removals == faults.removalToFail()) {
      throw new IOException("armed: removal of " + name + " fails");
    }
  }

  private long diskBytes() throws IOException {
    long total = 0;
    for (String name : disk.list()) {
      total += disk.size(name);
    }
    return total;
  }

  private final class Appending implements LogFile {
    private final String name;
    private final LogFile file;

    Appending(String name, LogFile file) {
      this.name = name;
      this.file = file;
    }

    @Override
    public void append(byte[] bytes, int offset, int length) throws IOException {
      synchronized (FaultyLogStorage.this) {
        if (++appends == faults.appendToFail()) {
          file.append(bytes, offset, Math.min(length, faults.bytesOfFailedAppend()));
          throw new IOException("armed: append to " + name + " fails");
        }
        long room = faults.diskBytesMax() - diskBytes();
        if (length > room) {
          file.append(bytes, offset, (int) Math.max(0, room));
          throw new IOException("armed: no space left for " + name);
        }
        file.append(bytes, offset, length);
      }
    }

    @Override
    public void sync() throws IOException {
      synchronized (FaultyLogStorage.this) {
        if (++syncs == faults.syncToFail()) {
          disk.failSync(name);
          throw new IOException("armed: sync of " + name + " fails");
        }
        file.sync();
      }
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
