package dev.dormouse.modulehost;

/** What the host knows of an environment variable. Source: spec since-2.8 §2.1. */
public sealed interface EnvironmentAnswer {
  /**
   * It has a value, which may be empty.
   *
   * @param text the value
   */
  record Stored(String text) implements EnvironmentAnswer {}

  /** It is declared, optional and not set. */
  record Unset() implements EnvironmentAnswer {}

  /**
   * The guest gets an errno.
   *
   * @param errno which
   */
  record Refused(Errno errno) implements EnvironmentAnswer {}
}
