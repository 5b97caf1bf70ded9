package dev.dormouse.sats.module;

import static dev.dormouse.sats.module.Problems.quoted;

import dev.dormouse.sats.Utf8Order;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules of environment declarations. Source: spec since-2.8 §3.1. */
final class EnvironmentValidation {
  private static final int DECLARATIONS_MAX = 256;
  private static final int NAME_BYTES_MAX = 256;
  private static final int UNION_ENTRIES_MAX = 256;
  private static final int LITERAL_BYTES_MAX = 8192;
  private static final int ALL_BYTES_MAX = 2_097_152;

  private final Scope scope;
  private long bytes;

  private EnvironmentValidation(Scope scope) {
    this.scope = scope;
  }

  /** The declarations sorted, unions sorted and merged; empty without a section. */
  static Optional<List<EnvironmentVariable>> validate(
      Scope scope, RawModuleV10 module, boolean isRoot) {
    Optional<List<EnvironmentVariable>> given =
        module.first(RawModuleV10.Environment.class).map(RawModuleV10.Environment::variables);
    if (!isRoot && !given.orElse(List.of()).isEmpty()) {
      scope.problem("a submodule cannot declare environment variables");
      return Optional.empty();
    }
    return given.map(new EnvironmentValidation(scope)::validate);
  }

  private List<EnvironmentVariable> validate(List<EnvironmentVariable> variables) {
    if (variables.size() > DECLARATIONS_MAX) {
      scope.problem(
          "%d environment variables, limit %d".formatted(variables.size(), DECLARATIONS_MAX));
    }
    Set<String> names = new HashSet<>();
    List<EnvironmentVariable> result = new ArrayList<>();
    for (EnvironmentVariable variable : variables) {
      checkName(variable.name());
      if (!names.add(variable.name())) {
        scope.problem(what(variable) + " is declared twice");
      }
      result.add(new EnvironmentVariable(variable.name(), valueSet(variable), variable.optional()));
    }
    if (bytes > ALL_BYTES_MAX) {
      scope.problem(
          "environment variables: names and literals of %d bytes together, limit %d bytes"
              .formatted(bytes, ALL_BYTES_MAX));
    }
    result.sort(Comparator.comparing(EnvironmentVariable::name, Utf8Order::compare));
    return result;
  }

  private static String what(EnvironmentVariable variable) {
    return "environment variable " + quoted(variable.name());
  }

  private void checkName(String name) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    bytes += length;
    if (!isKey(name)) {
      scope.problem(
          "environment variable %s: the name must be 1 to %d bytes of `[A-Za-z_][A-Za-z0-9_]*`"
              .formatted(quoted(name), NAME_BYTES_MAX));
    }
  }

  /** Whether a text is the name of an environment variable. */
  static boolean isKey(String name) {
    if (name.isEmpty() || name.length() > NAME_BYTES_MAX) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
        return false;
      }
    }
    return true;
  }

  private EnvironmentVariable.ValueSet valueSet(EnvironmentVariable variable) {
    return switch (variable.type()) {
      case EnvironmentVariable.AnyString any -> any;
      case EnvironmentVariable.Literal literal -> {
        checkLiteral(variable, literal.value());
        yield literal;
      }
      case EnvironmentVariable.Union(List<String> entries) -> {
        if (entries.isEmpty() || entries.size() > UNION_ENTRIES_MAX) {
          scope.problem(
              "%s: a union of %d entries, must have 1 to %d"
                  .formatted(what(variable), entries.size(), UNION_ENTRIES_MAX));
        }
        entries.forEach(entry -> checkLiteral(variable, entry));
        yield new EnvironmentVariable.Union(
            entries.stream().sorted(Utf8Order::compare).distinct().toList());
      }
    };
  }

  private void checkLiteral(EnvironmentVariable variable, String literal) {
    int length = literal.getBytes(StandardCharsets.UTF_8).length;
    bytes += length;
    if (length > LITERAL_BYTES_MAX) {
      scope.problem(
          "%s: a literal of %d bytes, limit %d bytes"
              .formatted(what(variable), length, LITERAL_BYTES_MAX));
    }
  }
}
