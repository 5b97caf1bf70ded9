package dev.dormouse.catalog.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Unpacks a POSIX tar stream: files, folders and symbolic links, with GNU long names. Everything
 * else in an archive is refused rather than skipped. Source: POSIX.1-2017, pax, "ustar Interchange
 * Format".
 */
final class TarArchive {
  private static final int BLOCK = 512;
  private static final int NAME_BYTES_MAX = 4096;

  private final InputStream in;
  private final Path target;

  private TarArchive(InputStream in, Path target) {
    this.in = in;
    this.target = target.toAbsolutePath().normalize();
  }

  /** Unpacks into an existing folder; an entry that would leave it is an error. */
  static void unpack(InputStream in, Path target) throws IOException {
    new TarArchive(in, target).unpack();
  }

  private void unpack() throws IOException {
    byte[] header = new byte[BLOCK];
    String longName = "";
    while (in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
      long size = octal(header, 124, 12);
      char type = (char) header[156];
      String name = longName.isEmpty() ? name(header) : longName;
      longName = "";
      switch (type) {
        case '0', '\0' -> file(inside(name), size, (int) octal(header, 100, 8));
        case '5' -> Files.createDirectories(inside(name));
        case '2' -> link(inside(name), text(header, 157, 100));
        case 'L' -> longName = longName(size);
        case 'g' -> in.skipNBytes(size); // comments for all entries
        default ->
            throw new IOException("tar entry %s has type '%c', not known".formatted(name, type));
      }
      if (size % BLOCK != 0) {
        in.skipNBytes(BLOCK - size % BLOCK);
      }
    }
  }

  private Path inside(String name) throws IOException {
    Path path = target.resolve(name).normalize();
    if (!path.startsWith(target)) {
      throw new IOException("tar entry leaves the folder: " + name);
    }
    return path;
  }

  private void file(Path path, long size, int mode) throws IOException {
    Files.createDirectories(path.resolve("..").normalize());
    try (OutputStream out = Files.newOutputStream(path)) {
      byte[] buffer = new byte[64 * 1024];
      long left = size;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new IOException("tar archive ends inside " + path.getFileName());
        }
        out.write(buffer, 0, read);
        left -= read;
      }
    }
    Set<PosixFilePermission> permissions =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if ((mode & 0100) != 0) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    Files.setPosixFilePermissions(path, permissions);
  }

  private void link(Path path, String destination) throws IOException {
    Path folder = path.resolve("..").normalize();
    if (!folder.resolve(destination).normalize().startsWith(target)) {
      throw new IOException("tar link leaves the folder: " + destination);
    }
    Files.createDirectories(folder);
    Files.createSymbolicLink(path, Path.of(destination));
  }

  private String longName(long size) throws IOException {
    if (size > NAME_BYTES_MAX) {
      throw new IOException("tar name of %d bytes, limit %d bytes".formatted(size, NAME_BYTES_MAX));
    }
    byte[] name = in.readNBytes((int) size);
    return text(name, 0, name.length);
  }

  private static String name(byte[] header) {
    String name = text(header, 0, 100);
    String prefix = text(header, 345, 155);
    boolean ustar = text(header, 257, 6).startsWith("ustar") && header[262] == 0;
    return ustar && !prefix.isEmpty() ? prefix + "/" + name : name;
  }

  private static String text(byte[] bytes, int from, int length) {
    int end = from;
    while (end < from + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, from, end - from, StandardCharsets.UTF_8);
  }

  private static long octal(byte[] header, int from, int length) throws IOException {
    String digits = text(header, from, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException malformed) {
      throw new IOException("tar header holds no octal number: " + digits, malformed);
    }
  }
}
