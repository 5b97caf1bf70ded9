package dev.dormouse.commitlog;

import java.util.UUID;

/**
 * One life of a database: publish with clear, reset and restore each start a new one.
 *
 * @param id drawn at random by whoever starts the life
 */
public record Generation(UUID id) implements Comparable<Generation> {
  /** From the canonical text of a UUID. */
  public static Generation parse(String text) {
    return new Generation(UUID.fromString(text));
  }

  @Override
  public int compareTo(Generation other) {
    return id.compareTo(other.id);
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
