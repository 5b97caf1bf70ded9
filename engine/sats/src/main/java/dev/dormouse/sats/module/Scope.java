package dev.dormouse.sats.module;

import static dev.dormouse.sats.module.Problems.quoted;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.RawModuleV10.NameKind;
import dev.dormouse.sats.module.TableDef.ColumnDef;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the rules of one module share while it is validated: its names, types and problems. */
final class Scope {
  /** Nodes of inlined types that may still be made, for the root and all submodules together. */
  static final class Inlined {
    private int left;

    Inlined(DefinitionLimits limits) {
      left = limits.inlinedNodesMax();
    }
  }

  private final int version;
  private final CasePolicy policy;
  private final Typespace typespace;
  private final String path;
  private final DefinitionLimits limits;
  private final Problems problems;
  private final Inlined inlined;
  private final Map<NameKind, Map<String, String>> explicit = new EnumMap<>(NameKind.class);
  private final Map<String, String> globals = new HashMap<>();
  private final Map<String, String> functions = new HashMap<>();

  /**
   * A module's scope.
   *
   * @param path accessors of the namespaces it is mounted under, joined by dots; empty for the root
   */
  Scope(
      int version,
      RawModuleV10 module,
      String path,
      DefinitionLimits limits,
      Problems problems,
      Inlined inlined) {
    this.version = version;
    this.path = path;
    this.limits = limits;
    this.problems = problems;
    this.inlined = inlined;
    this.policy =
        module
            .first(RawModuleV10.CaseConversion.class)
            .map(RawModuleV10.CaseConversion::policy)
            .orElse(CasePolicy.SNAKE_CASE);
    for (NameKind kind : NameKind.BY_TAG) {
      explicit.put(kind, new HashMap<>());
    }
    module
        .all(RawModuleV10.ExplicitNames.class, RawModuleV10.ExplicitNames::entries)
        .forEach(this::addExplicit);
    Typespace raw =
        module
            .first(RawModuleV10.Typespace.class)
            .map(RawModuleV10.Typespace::types)
            .orElse(Typespace.EMPTY);
    this.typespace =
        new Typespace(raw.types().stream().map(type -> TypeRules.converted(type, policy)).toList());
  }

  private void addExplicit(RawModuleV10.ExplicitName entry) {
    Map<String, String> names = explicit.getOrDefault(entry.kind(), Map.of());
    String before = names.putIfAbsent(entry.sourceName(), entry.canonicalName());
    if (before != null && !before.equals(entry.canonicalName())) {
      problem(
          "explicit name of %s is given twice: %s and %s"
              .formatted(
                  quoted(entry.sourceName()), quoted(before), quoted(entry.canonicalName())));
    }
  }

  int version() {
    return version;
  }

  /** Whether names given to indexes, constraints and schedules count; V10 always generates them. */
  boolean keepsGivenNames() {
    return version == 9;
  }

  CasePolicy policy() {
    return policy;
  }

  /** The types, with canonical names. */
  Typespace typespace() {
    return typespace;
  }

  String path() {
    return path;
  }

  DefinitionLimits limits() {
    return limits;
  }

  Problems problems() {
    return problems;
  }

  Inlined inlined() {
    return inlined;
  }

  void problem(String text) {
    problems.add(path.isEmpty() ? text : "submodule " + quoted(path) + ": " + text);
  }

  /** The explicit name of something, if it has one. */
  Optional<String> explicit(NameKind kind, String source) {
    return Optional.ofNullable(explicit.getOrDefault(kind, Map.of()).get(source));
  }

  /** The explicit name, else the converted one. */
  String canonical(NameKind kind, String source) {
    return explicit(kind, source).orElseGet(() -> policy.snake(source));
  }

  /** Checks that a name is an identifier. */
  boolean identifier(String what, String name) {
    Optional<String> problem = Identifiers.problem(name);
    problem.ifPresent(
        reason -> problem("%s %s is no identifier: it %s".formatted(what, quoted(name), reason)));
    return problem.isEmpty();
  }

  /** Checks that source and canonical name are identifiers. */
  void identifiers(String what, String source, String canonical) {
    if (identifier(what, source) && !source.equals(canonical)) {
      identifier(what + " " + quoted(source) + ": canonical name", canonical);
    }
  }

  /**
   * Takes a thing's names in the one namespace of tables, views, indexes, constraints and the like.
   */
  void claim(String what, String... names) {
    claim(globals, what, names);
  }

  /** Takes a name in the namespace of reducers, procedures and views. */
  void claimFunction(String what, String name) {
    claim(functions, what, name);
  }

  private void claim(Map<String, String> taken, String what, String... names) {
    for (String name : new LinkedHashSet<>(List.of(names))) {
      String before = taken.putIfAbsent(name, what);
      if (before != null) {
        problem("name %s is taken twice: by %s and %s".formatted(quoted(name), before, what));
      }
    }
  }

  /** A name made of pieces, or empty, with a problem, if it is too long. */
  Optional<String> generated(String what, String table, List<String> columns, String suffix) {
    StringBuilder name = new StringBuilder(table);
    for (String column : columns) {
      name.append('_').append(column);
      if (name.length() > limits.nameBytesMax()) {
        break;
      }
    }
    name.append('_').append(suffix);
    int bytes = name.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > limits.nameBytesMax()) {
      problem(
          "generated name of %s has at least %d bytes, limit %d bytes"
              .formatted(what, bytes, limits.nameBytesMax()));
      return Optional.empty();
    }
    return Optional.of(name.toString());
  }

  private Optional<AlgebraicType> inline(String what, AlgebraicType type) {
    try {
      AlgebraicType result = typespace.inline(type);
      return take(what, TypeRules.nodes(result)) ? Optional.of(result) : Optional.empty();
    } catch (DecodeException e) {
      problem(what + ": " + e.text());
      return Optional.empty();
    }
  }

  // One row type may serve many tables, so the input's length does not bound this.
  private boolean take(String what, int nodes) {
    if (inlined.left < 0) {
      return false;
    }
    inlined.left -= nodes;
    if (inlined.left < 0) {
      problem(
          "%s: the column types up to here have over %d nodes with references replaced, limit %d"
              .formatted(what, limits.inlinedNodesMax(), limits.inlinedNodesMax()));
    }
    return inlined.left >= 0;
  }

  /**
   * The columns of a row type, or empty, with problems, if the slot holds no row type.
   *
   * @param raw the typespace with source names
   */
  Optional<List<ColumnDef>> columns(String what, int ref, Typespace raw) {
    if (!new Ref(ref).isWithin(typespace.types().size())) {
      problem(
          "%s: %s is dangling, the typespace has %d types"
              .formatted(what, new Ref(ref), typespace.types().size()));
      return Optional.empty();
    }
    if (!(typespace.get(new Ref(ref)) instanceof Product(List<Member> elements))
        || !(raw.get(new Ref(ref)) instanceof Product(List<Member> sources))) {
      problem("%s: its row type, reference %d, is no product".formatted(what, ref));
      return Optional.empty();
    }
    if (elements.size() > limits.columnsMax()) {
      problem("%s: %d columns, limit %d".formatted(what, elements.size(), limits.columnsMax()));
      return Optional.empty();
    }
    if (!take(what, elements.size())) {
      return Optional.empty();
    }
    List<ColumnDef> columns = new ArrayList<>(elements.size());
    Map<String, String> taken = new HashMap<>();
    for (int i = 0; i < elements.size(); i++) {
      Optional<String> name = elements.get(i).name();
      Optional<String> source = sources.get(i).name();
      if (name.isEmpty() || source.isEmpty()) {
        problem("%s: column %d has no name".formatted(what, i));
        continue;
      }
      identifiers(what + ": column", source.get(), name.get());
      String before = taken.putIfAbsent(name.get(), source.get());
      if (before != null) {
        problem(
            "%s: columns %s and %s have one name"
                .formatted(what, quoted(before), quoted(source.get())));
      }
      String column = what + ": column " + quoted(source.get());
      AlgebraicType type = elements.get(i).type();
      if (!TypeRules.isUse(type)) {
        problem(column + " has a type that must stand in the typespace and be referenced");
        continue;
      }
      inline(column, type)
          .ifPresent(
              inlinedType ->
                  columns.add(
                      new ColumnDef(name.get(), source.get(), inlinedType, Optional.empty())));
    }
    return columns.size() == elements.size() ? Optional.of(columns) : Optional.empty();
  }
}
