package dev.dormouse.simulation;

import dev.dormouse.commitlog.FaultyLogStorage;
import dev.dormouse.commitlog.LogFaults;
import dev.dormouse.commitlog.LogFile;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.commitlog.MemoryLogStorage;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;

/** The node's disk, which outlives its processes. */
final class Disk {
  private static final int FAULT_DISTANCE_MAX = 160;

  private final MemoryLogStorage bytes = LogStorage.inMemory();
  private final RandomGenerator random;
  private final Fate fate;
  private final Conditions conditions;
  private FaultyLogStorage mounted = new FaultyLogStorage(bytes);

  Disk(RandomGenerator random, Fate fate, Conditions conditions) {
    this.random = random;
    this.fate = fate;
    this.conditions = conditions;
  }

  /** What the death of a process does to it. */
  void crash() {
    if (conditions.powerCuts() && random.nextBoolean()) {
      bytes.crash(random);
    }
  }

  /** A digest of all that is on it. */
  long digest() {
    long digest = 0;
    try {
      for (String name : bytes.list()) {
        byte[] content = new byte[(int) bytes.size(name)];
        int read = bytes.read(name, 0, content, 0, content.length);
        digest = 31 * (31 * digest + name.hashCode()) + java.util.Arrays.hashCode(content) + read;
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return digest;
  }

  /** The disk as a new process sees it. */
  LogStorage mounted(boolean faulty) {
    FaultyLogStorage storage = new FaultyLogStorage(bytes);
    mounted = storage;
    breakDown(faulty);
    return new Seam(storage);
  }

  /**
   * Ends what is wrong with it, under a process that goes on.
   *
   * @param faulty whether something else may follow
   */
  void repair(boolean faulty) {
    mounted.arm(LogFaults.NONE);
    breakDown(faulty);
  }

  private void breakDown(boolean faulty) {
    if (faulty && conditions.diskFaults() && random.nextBoolean()) {
      mounted.arm(fault(random.nextInt(1, FAULT_DISTANCE_MAX)));
      fate.fault();
    }
  }

  private LogFaults fault(int distance) {
    return switch (random.nextInt(5)) {
      case 0 -> LogFaults.NONE.failingAppend(distance, random.nextInt(2_000));
      case 1 -> LogFaults.NONE.failingSync(distance);
      case 2 -> LogFaults.NONE.failingCreate(random.nextInt(1, 4));
      case 3 -> LogFaults.NONE.failingSync(distance).failingRemoval(random.nextInt(1, 4));
      default -> LogFaults.NONE.withDisk(size() + random.nextInt(60_000));
    };
  }

  private long size() {
    long size = 0;
    try {
      for (String name : bytes.list()) {
        size += bytes.size(name);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return size;
  }

  private final class Seam implements LogStorage {
    private final LogStorage storage;

    Seam(LogStorage storage) {
      this.storage = storage;
    }

    @Override
    public LogFile create(String name) throws IOException {
      fate.step("before disk create");
      LogFile file = storage.create(name);
      fate.step("after disk create");
      return new SeamFile(file);
    }

    @Override
    public List<String> list() throws IOException {
      return storage.list();
    }

    @Override
    public long size(String name) throws IOException {
      return storage.size(name);
    }

    @Override
    public int read(String name, long position, byte[] into, int offset, int length)
        throws IOException {
      fate.step("disk read");
      return storage.read(name, position, into, offset, length);
    }

    @Override
    public void truncate(String name, long size) throws IOException {
      fate.step("before disk truncate");
      storage.truncate(name, size);
      fate.step("after disk truncate");
    }

    @Override
    public void delete(String name) throws IOException {
      fate.step("before disk delete");
      storage.delete(name);
      fate.step("after disk delete");
    }

    @Override
    public void close() throws IOException {
      storage.close();
    }
  }

  private final class SeamFile implements LogFile {
    private final LogFile file;

    SeamFile(LogFile file) {
      this.file = file;
    }

    @Override
    public void append(byte[] more, int offset, int length) throws IOException {
      fate.step("before disk append");
      file.append(more, offset, length);
      fate.step("after disk append");
    }

    @Override
    public void sync() throws IOException {
      fate.step("before disk sync");
      file.sync();
      fate.step("after disk sync");
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
