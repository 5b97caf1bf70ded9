package dev.dormouse.commitlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of one folder through {@link FileChannel}.
 *
 * <p>Each read opens a channel of its own: an interrupt during channel I/O closes the channel for
 * everyone who shares it.
 */
final class FileLogStorage implements LogStorage {
  /** The channel copies heap bytes into a direct buffer it keeps per thread; this bounds it. */
  private static final int SLICE_BYTES = 1 << 20;

  private final Path folder;

  FileLogStorage(Path folder) throws IOException {
    this.folder = folder.toAbsolutePath().normalize();
    createDurably(this.folder);
  }

  /** Makes a folder, and those above it, so that each is found after a crash. */
  private static void createDurably(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (parent != null && !Files.isDirectory(folder)) {
      createDurably(parent);
      Files.createDirectory(folder);
      syncFolder(parent);
    }
  }

  private Path path(String name) {
    LogStorage.checkName(name);
    return folder.resolve(name);
  }

  @Override
  public LogFile create(String name) throws IOException {
    FileChannel channel =
        FileChannel.open(path(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      syncFolder(folder);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new Appending(channel);
  }

  @Override
  public List<String> list() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    }
    names.sort(null);
    return names;
  }

  @Override
  public long size(String name) throws IOException {
    return Files.size(path(name));
  }

  @Override
  public int read(String name, long position, byte[] into, int offset, int length)
      throws IOException {
    try (FileChannel channel = FileChannel.open(path(name), StandardOpenOption.READ)) {
      int total = 0;
      while (total < length) {
        int slice = Math.min(SLICE_BYTES, length - total);
        int count = channel.read(ByteBuffer.wrap(into, offset + total, slice), position + total);
        if (count <= 0) {
          break;
        }
        total += count;
      }
      return total;
    }
  }

  @Override
  public void truncate(String name, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(path(name), StandardOpenOption.WRITE)) {
      if (size > channel.size()) {
        throw new IllegalArgumentException(
            "%s has %d bytes, cannot be cut to %d".formatted(name, channel.size(), size));
      }
      channel.truncate(size);
      channel.force(true);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Files.delete(path(name));
    syncFolder(folder);
  }

  private static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() {}

  private static final class Appending implements LogFile {
    private final FileChannel channel;
    private long size;

    Appending(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void append(byte[] bytes, int offset, int length) throws IOException {
      int end = offset + length;
      for (int at = offset; at < end; ) {
        int slice = Math.min(SLICE_BYTES, end - at);
        int count = channel.write(ByteBuffer.wrap(bytes, at, slice), size);
        at += count;
        size += count;
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
