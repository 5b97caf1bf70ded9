package dev.dormouse.snapshotstore;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.residence.SegmentStore;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Segment objects as files of a folder, each under its name. */
public final class DirectorySegmentStore implements SegmentStore {
  /** A database's folder, or one of its generation's. */
  private static final Pattern FOLDER = Pattern.compile("[0-9a-f]{64}/(?:[0-9a-f-]{36}/)?");

  private final DurableFiles files;

  private DirectorySegmentStore(DurableFiles files) {
    this.files = files;
  }

  /**
   * Opens a folder, which is made if it is missing.
   *
   * @throws IOException if it cannot be used, or its file system cannot create a file only once
   */
  public static DirectorySegmentStore open(Path folder) throws IOException {
    return new DirectorySegmentStore(DurableFiles.open(folder));
  }

  private Path path(String name) {
    // A segment's name has hex digits, digits and two slashes: it cannot lead out of the folder.
    SegmentStore.checkName(name);
    return files.root().resolve(name);
  }

  @Override
  public boolean create(String name, byte[] content) throws IOException {
    return files.create(path(name), content);
  }

  @Override
  public Optional<byte[]> read(String name) throws IOException {
    return files.read(path(name));
  }

  @Override
  public Optional<byte[]> readFirst(String name, int bytes) throws IOException {
    return files.readFirst(path(name), bytes);
  }

  @Override
  public List<String> list(String prefix) throws IOException {
    List<String> names = new ArrayList<>();
    // Straight to the folder that the prefix names: there are as many beside it as databases.
    String folder = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    if (folder.isEmpty() || FOLDER.matcher(folder).matches()) {
      list(files.root().resolve(folder), folder, prefix, names);
    }
    names.sort(null);
    return names;
  }

  private static void list(Path folder, String folderName, String prefix, List<String> names)
      throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = folderName + entry.getFileName();
        if (name.startsWith(prefix) && FOLDER.matcher(name + "/").matches()) {
          list(entry, name + "/", prefix, names);
        } else if (name.startsWith(prefix) && SegmentStore.isName(name)) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return; // There is none, or it went while it was looked at.
    }
  }

  @Override
  public void delete(String name) throws IOException {
    files.delete(path(name));
  }

  /** As of the port; removes the life's folder too, and the database's if it was the last. */
  @Override
  public void deleteAll(DatabaseKey key) throws IOException {
    String folder = SegmentName.folder(key);
    for (String name : list(folder)) {
      Files.deleteIfExists(path(name));
    }
    files.removeFolder(files.root().resolve(folder)); // Makes it durable, once for all of them.
  }
}
