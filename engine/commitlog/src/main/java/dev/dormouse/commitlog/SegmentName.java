package dev.dormouse.commitlog;

import dev.dormouse.sats.Identity;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of a segment object: {@code <database hex>/<generation>/<sequence>.seg}, the sequence with
 * 10 digits or more so that names of a database sort as its segments follow.
 *
 * @param key whose segment
 * @param sequence 0, 1, 2, …
 */
public record SegmentName(DatabaseKey key, long sequence) {
  private static final Pattern PATH =
      Pattern.compile(
          "([0-9a-f]{64})/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
              + "(\\d{10}|[1-9]\\d{10,17})\\.seg");

  public SegmentName {
    if (sequence < 0) {
      throw new IllegalArgumentException("segment sequence is unsigned, got " + sequence);
    }
  }

  /** The name of a database's segment. */
  public static SegmentName of(DatabaseKey key, long sequence) {
    return new SegmentName(key, sequence);
  }

  /** What a path names, if it is the name of a segment. */
  public static Optional<SegmentName> parse(String path) {
    Matcher matcher = PATH.matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    DatabaseKey key =
        new DatabaseKey(
            Identity.fromHex(matcher.group(1)), new Generation(UUID.fromString(matcher.group(2))));
    return Optional.of(new SegmentName(key, Long.parseLong(matcher.group(3))));
  }

  /** What all names of a database's segments begin with, the last slash included. */
  public static String folder(DatabaseKey key) {
    return key.database().toHex() + "/" + key.generation() + "/";
  }

  /** The name as text. */
  public String path() {
    return folder(key) + "%010d.seg".formatted(sequence);
  }

  @Override
  public String toString() {
    return path();
  }
}
