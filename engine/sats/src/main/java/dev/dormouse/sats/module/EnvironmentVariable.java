package dev.dormouse.sats.module;

import java.util.List;

/**
 * An environment variable that a module declares. Source: spec since-2.8 §3.1.
 *
 * @param name 1 to 256 bytes of {@code [A-Za-z_][A-Za-z0-9_]*}, never converted
 * @param type which values are allowed
 * @param optional whether it may be absent
 */
public record EnvironmentVariable(String name, ValueSet type, boolean optional) {

  /** The strings that are allowed. */
  public sealed interface ValueSet {
    /** Whether a value is allowed. */
    default boolean allows(String value) {
      return switch (this) {
        case AnyString() -> true;
        case Literal(String only) -> only.equals(value);
        case Union(List<String> entries) -> entries.contains(value);
      };
    }
  }

  /** Every string. */
  public record AnyString() implements ValueSet {}

  /** Exactly one string, which may be empty. */
  public record Literal(String value) implements ValueSet {}

  /** One of several strings. */
  public record Union(List<String> entries) implements ValueSet {
    public Union {
      entries = List.copyOf(entries);
    }
  }
}
