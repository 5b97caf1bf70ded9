package dev.dormouse.benchmarks.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A command line of options, each taken once; what is left at the end is unknown. */
public final class Arguments {
  private final List<String> rest;

  public Arguments(String... arguments) {
    rest = new ArrayList<>(List.of(arguments));
  }

  /** Whether an option without value is there. */
  public boolean flag(String name) {
    return rest.remove(name);
  }

  /** Value of an option. */
  public Optional<String> text(String name) {
    int at = rest.indexOf(name);
    if (at < 0) {
      return Optional.empty();
    }
    if (at + 1 == rest.size()) {
      throw new IllegalArgumentException(name + " needs a value");
    }
    rest.remove(at);
    return Optional.of(rest.remove(at));
  }

  /** One of two words, the first if the option is absent. */
  public String choice(String name, String standard, String other) {
    String value = text(name).orElse(standard);
    if (!value.equals(standard) && !value.equals(other)) {
      throw new IllegalArgumentException(
          "%s is %s or %s, got %s".formatted(name, standard, other, value));
    }
    return value;
  }

  public int number(String name, int standard) {
    return text(name).map(value -> Math.toIntExact(parse(name, value))).orElse(standard);
  }

  public OptionalLong optional(String name) {
    return text(name)
        .map(value -> OptionalLong.of(parse(name, value)))
        .orElse(OptionalLong.empty());
  }

  /** A number of seconds, with decimals if need be. */
  public Duration seconds(String name, int standard) {
    return text(name)
        .map(
            value -> {
              try {
                return Duration.ofMillis(Math.round(Double.parseDouble(value) * 1000));
              } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + " needs seconds, got " + value, e);
              }
            })
        .orElse(Duration.ofSeconds(standard));
  }

  /** Throws if anything is left. */
  public void end() {
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException("unknown option " + rest.getFirst());
    }
  }

  private static long parse(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " needs a number, got " + value, e);
    }
  }
}
