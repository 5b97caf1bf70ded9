package dev.dormouse.benchmarks.micro;

import dev.dormouse.commitlog.LogFile;
import dev.dormouse.commitlog.LogStorage;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk that is infinitely fast and forgets everything: what is left is the journal's own cost.
 */
final class DiscardingStorage implements LogStorage {
  private final List<String> names = new ArrayList<>();

  @Override
  public LogFile create(String name) {
    names.add(name);
    return new LogFile() {
      private long size;

      @Override
      public void append(byte[] bytes, int offset, int length) {
        size += length;
      }

      @Override
      public void sync() {}

      @Override
      public long size() {
        return size;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public List<String> list() {
    return List.copyOf(names);
  }

  @Override
  public long size(String name) throws NoSuchFileException {
    throw new NoSuchFileException(name);
  }

  @Override
  public int read(String name, long position, byte[] into, int offset, int length)
      throws NoSuchFileException {
    throw new NoSuchFileException(name);
  }

  @Override
  public void truncate(String name, long size) throws NoSuchFileException {
    throw new NoSuchFileException(name);
  }

  @Override
  public void delete(String name) {
    names.remove(name);
  }

  @Override
  public void close() {}
}
