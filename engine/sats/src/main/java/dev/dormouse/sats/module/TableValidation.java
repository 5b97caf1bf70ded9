package dev.dormouse.sats.module;

import static dev.dormouse.sats.module.Problems.quoted;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.RowShape;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.RawModuleDef.ColumnDefault;
import dev.dormouse.sats.module.RawModuleDef.Constraint;
import dev.dormouse.sats.module.RawModuleDef.Index;
import dev.dormouse.sats.module.RawModuleDef.Sequence;
import dev.dormouse.sats.module.RawModuleDef.TableAccess;
import dev.dormouse.sats.module.RawModuleDef.TableType;
import dev.dormouse.sats.module.RawModuleV10.NameKind;
import dev.dormouse.sats.module.TableDef.ColumnDef;
import dev.dormouse.sats.module.TableDef.IndexDef;
import dev.dormouse.sats.module.TableDef.SequenceDef;
import dev.dormouse.sats.module.TableDef.UniqueDef;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The rules of one table. Source: spec data-model §7.2, §7.4, since-2.8 §3.4. */
final class TableValidation {
  private final Scope scope;
  private final RawModuleV10.Table table;
  private final String what;
  private final String name;

  private TableValidation(Scope scope, RawModuleV10.Table table) {
    this.scope = scope;
    this.table = table;
    this.what = "table " + quoted(table.sourceName());
    this.name = scope.canonical(NameKind.TABLE, table.sourceName());
  }

  /** The table without schedule and outbox, or empty if its columns are not known. */
  static Optional<TableDef> validate(
      Scope scope, RawModuleV10.Table table, Typespace raw, Set<Integer> namedTypes) {
    return new TableValidation(scope, table).table(raw, namedTypes);
  }

  private Optional<TableDef> table(Typespace raw, Set<Integer> namedTypes) {
    scope.identifiers("table", table.sourceName(), name);
    if (name.startsWith("st_")) {
      scope.problem(what + ": names beginning with `st_` are the system's");
    }
    if (table.tableType() == TableType.SYSTEM) {
      scope.problem(what + ": a module cannot define system tables");
    }
    scope.claim(what, table.sourceName(), name);
    Optional<List<ColumnDef>> known = scope.columns(what, table.productTypeRef(), raw);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    if (!namedTypes.contains(table.productTypeRef())) {
      scope.problem(
          "%s: its row type, reference %d, has no type definition"
              .formatted(what, table.productTypeRef()));
    }
    List<ColumnDef> columns = withDefaults(known.get());
    List<IndexDef> indexes = indexes(columns);
    List<UniqueDef> uniques = uniques(columns, indexes);
    return Optional.of(
        new TableDef(
            name,
            table.sourceName(),
            table.tableAccess() == TableAccess.PUBLIC,
            table.isEvent(),
            columns,
            primaryKey(columns, uniques),
            indexes,
            uniques,
            sequences(columns),
            Optional.empty(),
            Optional.empty(),
            table.productTypeRef()));
  }

  private List<ColumnDef> withDefaults(List<ColumnDef> columns) {
    List<ColumnDef> result = new ArrayList<>(columns);
    for (ColumnDefault given : table.defaultValues()) {
      int id = given.column();
      if (id >= columns.size()) {
        scope.problem(what + ": default of column " + id + ", " + has(columns));
        continue;
      }
      ColumnDef column = columns.get(id);
      if (result.get(id).defaultValue().isPresent()) {
        scope.problem("%s: column %s has two defaults".formatted(what, quoted(column.accessor())));
        continue;
      }
      byte[] bytes = given.value().toByteArray();
      try {
        var _ = RowShape.ofColumns(List.of(column.type())).validate(bytes, 0, bytes.length);
      } catch (DecodeException e) {
        scope.problem(
            "%s: default of column %s: %s".formatted(what, quoted(column.accessor()), e.text()));
      }
      result.set(
          id,
          new ColumnDef(
              column.name(), column.accessor(), column.type(), Optional.of(given.value())));
    }
    return result;
  }

  private static String has(List<ColumnDef> columns) {
    return "the table has " + columns.size();
  }

  /** Whether column ids are at least one, in range and distinct. */
  private boolean areColumns(String part, List<Integer> ids, List<ColumnDef> columns) {
    if (ids.isEmpty()) {
      scope.problem("%s: %s is over no column".formatted(what, part));
      return false;
    }
    BitSet seen = new BitSet();
    for (int id : ids) {
      if (id >= columns.size()) {
        scope.problem("%s: %s is over column %d, %s".formatted(what, part, id, has(columns)));
        return false;
      }
      if (seen.get(id)) {
        scope.problem("%s: %s is over column %d twice".formatted(what, part, id));
        return false;
      }
      seen.set(id);
    }
    return true;
  }

  private static List<String> names(List<Integer> ids, List<ColumnDef> columns) {
    return ids.stream().map(id -> columns.get(id).name()).toList();
  }

  private List<IndexDef> indexes(List<ColumnDef> columns) {
    List<IndexDef> indexes = new ArrayList<>();
    for (Index index : table.indexes()) {
      String part = "index " + index.name().map(Problems::quoted).orElse("without name");
      IndexAlgorithm algorithm = index.algorithm();
      if (!areColumns(part, algorithm.columns(), columns)) {
        continue;
      }
      if (algorithm instanceof IndexAlgorithm.Direct(int column)
          && !isDirect(columns.get(column).type())) {
        scope.problem(
            "%s: %s is direct, so column %s must be U8, U16, U32, U64 or a plain enum"
                .formatted(what, part, quoted(columns.get(column).accessor())));
      }
      Optional<String> generated =
          scope.generated(
              what + ": " + part,
              name,
              names(algorithm.columns(), columns),
              "idx_" + algorithm.suffix());
      if (generated.isEmpty()) {
        continue;
      }
      if (!scope.keepsGivenNames() && index.name().isEmpty()) {
        scope.problem(what + ": " + part + " must have a source name");
        continue;
      }
      String alias = index.name().orElse(generated.get());
      String canonical =
          scope.keepsGivenNames()
              ? alias
              : scope.explicit(NameKind.INDEX, alias).orElse(generated.get());
      if (!canonical.equals(generated.get())) {
        scope.identifier(what + ": index", canonical);
      }
      scope.claim(part + " of " + what, alias, canonical);
      indexes.add(new IndexDef(canonical, alias, index.accessorName(), algorithm));
    }
    return indexes;
  }

  private static boolean isDirect(AlgebraicType type) {
    return type == Primitive.U8
        || type == Primitive.U16
        || type == Primitive.U32
        || type == Primitive.U64
        || (type instanceof Sum sum && sum.isPlainEnum());
  }

  private List<UniqueDef> uniques(List<ColumnDef> columns, List<IndexDef> indexes) {
    List<UniqueDef> uniques = new ArrayList<>();
    Set<Set<Integer>> indexed = new HashSet<>();
    indexes.forEach(index -> indexed.add(Set.copyOf(index.algorithm().columns())));
    for (Constraint constraint : table.constraints()) {
      List<Integer> ids = constraint.uniqueColumns();
      if (!areColumns("unique constraint", ids, columns)) {
        continue;
      }
      if (!indexed.contains(Set.copyOf(ids))) {
        scope.problem(
            "%s: unique constraint over %s needs an index over exactly these columns"
                .formatted(what, names(ids, columns)));
      }
      Optional<String> given =
          scope.keepsGivenNames() ? constraint.name() : Optional.<String>empty();
      Optional<String> unique =
          given.or(
              () ->
                  scope.generated(what + ": unique constraint", name, names(ids, columns), "key"));
      if (unique.isPresent()) {
        scope.claim("constraint " + quoted(unique.get()) + " of " + what, unique.get());
        uniques.add(new UniqueDef(unique.get(), ids));
      }
    }
    return uniques;
  }

  private OptionalInt primaryKey(List<ColumnDef> columns, List<UniqueDef> uniques) {
    List<Integer> key = table.primaryKey();
    if (key.isEmpty()) {
      return OptionalInt.empty();
    }
    if (key.size() > 1) {
      scope.problem("%s: primary key over %d columns, limit 1".formatted(what, key.size()));
      return OptionalInt.empty();
    }
    int column = key.getFirst();
    if (!areColumns("primary key", key, columns)) {
      return OptionalInt.empty();
    }
    if (uniques.stream().noneMatch(unique -> unique.columns().equals(key))) {
      scope.problem(
          "%s: primary key %s needs a unique constraint on exactly this column"
              .formatted(what, quoted(columns.get(column).accessor())));
    }
    return OptionalInt.of(column);
  }

  private List<SequenceDef> sequences(List<ColumnDef> columns) {
    List<SequenceDef> sequences = new ArrayList<>();
    BitSet filled = new BitSet();
    for (Sequence sequence : table.sequences()) {
      int id = sequence.column();
      if (!areColumns("sequence", List.of(id), columns)) {
        continue;
      }
      ColumnDef column = columns.get(id);
      String part = what + ": sequence of column " + quoted(column.accessor());
      if (filled.get(id)) {
        scope.problem(part + " is there twice");
        continue;
      }
      filled.set(id);
      if (!(column.type() instanceof Primitive primitive) || !primitive.isInteger()) {
        scope.problem(part + " needs an integer column");
      }
      if (sequence.start().isPresent()
          || sequence.minValue().isPresent()
          || sequence.maxValue().isPresent()
          || !sequence.increment().equals(BigInteger.ONE)) {
        scope.problem(
            part + " sets start, minimum, maximum or an increment other than 1, which is refused");
      }
      Optional<String> given =
          sequence.name().or(() -> scope.generated(part, name, List.of(column.name()), "seq"));
      if (given.isPresent()) {
        scope.claim(part, given.get());
        sequences.add(new SequenceDef(given.get(), id));
      }
    }
    return sequences;
  }
}
