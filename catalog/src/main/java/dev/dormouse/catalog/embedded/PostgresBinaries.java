package dev.dormouse.catalog.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the class path into a folder named by their version. A
 * folder is complete or absent: it is unpacked beside and renamed.
 *
 * @param folder holds {@code bin}, {@code lib} and {@code share}
 * @param majorVersion for instance {@code 18}
 */
record PostgresBinaries(Path folder, String majorVersion) {

  /** One of them is on the class path: the build fetches its own machine's. */
  private static final List<String> ARCHIVES =
      List.of(
          "/postgres-linux-x86_64.txz",
          "/postgres-linux-arm_64.txz",
          "/postgres-linux-x86_64-alpine_linux.txz",
          "/postgres-darwin-x86_64.txz",
          "/postgres-darwin-arm_64.txz");

  /** Finds them in the folder, or unpacks them there (about a second). */
  static PostgresBinaries in(Path parent) throws PostgresStartException {
    try {
      String version = version();
      Path folder = parent.resolve("binaries-" + version);
      if (!Files.isDirectory(folder)) {
        unpack(parent, folder);
      }
      return new PostgresBinaries(folder, version.substring(0, version.indexOf('.')));
    } catch (IOException e) {
      throw new PostgresStartException(
          "PostgreSQL's programs cannot be unpacked below %s: %s".formatted(parent, e), e);
    }
  }

  Path program(String name) {
    return folder.resolve("bin").resolve(name);
  }

  private static void unpack(Path parent, Path folder) throws IOException, PostgresStartException {
    Path unfinished = parent.resolve(folder.getFileName() + ".unpacking");
    delete(unfinished);
    Files.createDirectories(unfinished);
    try (InputStream archive = archive();
        InputStream tar = new BufferedInputStream(new XZInputStream(archive), 64 * 1024)) {
      TarArchive.unpack(tar, unfinished);
    }
    Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  private static InputStream archive() throws PostgresStartException {
    for (String name : ARCHIVES) {
      InputStream found = PostgresBinaries.class.getResourceAsStream(name);
      if (found != null) {
        return found;
      }
    }
    throw new PostgresStartException(
        "no PostgreSQL was built in for this machine (%s, %s). Configure a PostgreSQL server with dormouse.catalog.url, dormouse.catalog.username and dormouse.catalog.password."
            .formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
  }

  private static String version() throws IOException {
    var properties = new Properties();
    try (InputStream in = PostgresBinaries.class.getResourceAsStream("postgres.properties")) {
      if (in == null) {
        throw new IOException("postgres.properties is not on the class path");
      }
      properties.load(in);
    }
    return properties.getProperty("version", "");
  }

  /** Deletes a folder and all below it; absent is fine. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
