package dev.dormouse.commitlog;

import java.util.List;

/**
 * What a trim removed.
 *
 * @param files names of the journal files that are gone
 * @param bytes they held
 */
public record TrimReport(List<String> files, long bytes) {
  public TrimReport {
    files = List.copyOf(files);
  }
}
