package dev.dormouse.sats.module;

import static dev.dormouse.sats.module.Problems.quoted;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.RawModuleDef.View;
import dev.dormouse.sats.module.RawModuleV10.NameKind;
import dev.dormouse.sats.module.TableDef.ColumnDef;
import dev.dormouse.sats.module.ViewDef.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The rules of reducers, procedures and views. Source: spec data-model §7.4, since-2.8 §3.4. */
final class FunctionValidation {
  private final Scope scope;

  FunctionValidation(Scope scope) {
    this.scope = scope;
  }

  /** A reducer as it is without lifecycle, schedules and outboxes. */
  ReducerDef reducer(RawModuleV10.Reducer reducer) {
    String what = "reducer " + quoted(reducer.sourceName());
    if (!reducer.okReturnType().equals(AlgebraicType.UNIT)
        || reducer.errReturnType() != Primitive.STRING) {
      scope.problem(what + " must return nothing, and a String as its error");
    }
    return new ReducerDef(
        named(what, reducer.sourceName()),
        reducer.sourceName(),
        reducer.params(),
        params(what, reducer.params()),
        reducer.visibility(),
        Optional.empty());
  }

  /** A procedure as it is without schedules. */
  ProcedureDef procedure(RawModuleV10.Procedure procedure) {
    String what = "procedure " + quoted(procedure.sourceName());
    use(what + ": return type", procedure.returnType());
    return new ProcedureDef(
        named(what, procedure.sourceName()),
        procedure.sourceName(),
        procedure.params(),
        params(what, procedure.params()),
        procedure.returnType(),
        procedure.visibility());
  }

  private String named(String what, String source) {
    String name = scope.canonical(NameKind.FUNCTION, source);
    scope.identifiers(what.substring(0, what.indexOf(' ')), source, name);
    scope.claimFunction(what, name);
    return name;
  }

  /** Checks the parameters and converts their names. */
  private List<String> params(String what, Product params) {
    List<String> names = new ArrayList<>(params.elements().size());
    for (int i = 0; i < params.elements().size(); i++) {
      Member param = params.elements().get(i);
      int position = i;
      use(what + ": parameter " + param.name().map(Problems::quoted).orElse("" + i), param.type());
      names.add(param.name().map(scope.policy()::snake).orElseGet(() -> "param_" + position));
    }
    return names;
  }

  private void use(String what, AlgebraicType type) {
    Optional<Ref> dangling = TypeRules.dangling(type, scope.typespace().types().size());
    if (dangling.isPresent()) {
      scope.problem(
          "%s: %s is dangling, the typespace has %d types"
              .formatted(what, dangling.get(), scope.typespace().types().size()));
    } else if (!TypeRules.isUse(type)) {
      scope.problem(what + " has a type that must stand in the typespace and be referenced");
    }
  }

  private record ReturnType(Form form, int rowTypeRef) {}

  private static Optional<ReturnType> returnType(AlgebraicType type) {
    if (SpecialType.isOption(type)
        && type instanceof Sum(List<Member> variants)
        && variants.getFirst().type() instanceof Ref(int index)) {
      return Optional.of(new ReturnType(Form.OPTION, index));
    }
    if (type instanceof Array(AlgebraicType element) && element instanceof Ref(int index)) {
      return Optional.of(new ReturnType(Form.ARRAY, index));
    }
    if (type instanceof Product(List<Member> elements)
        && elements.size() == 1
        && elements.getFirst().name().equals(Optional.of("__query__"))
        && elements.getFirst().type() instanceof Ref(int index)) {
      return Optional.of(new ReturnType(Form.QUERY, index));
    }
    return Optional.empty();
  }

  /** All views with their primary keys. */
  List<ViewDef> views(
      List<View> views,
      List<RawModuleV10.ViewPrimaryKey> keys,
      List<TableDef> tables,
      Typespace raw) {
    Map<String, RawModuleV10.ViewPrimaryKey> keyOf = new HashMap<>();
    for (RawModuleV10.ViewPrimaryKey key : keys) {
      if (keyOf.putIfAbsent(key.viewSourceName(), key) != null) {
        scope.problem("view " + quoted(key.viewSourceName()) + " has two primary keys");
      }
    }
    List<ViewDef> result = new ArrayList<>();
    for (View view : views) {
      Optional<RawModuleV10.ViewPrimaryKey> key = Optional.ofNullable(keyOf.remove(view.name()));
      view(view, key, tables, raw).ifPresent(result::add);
    }
    keyOf.keySet().forEach(name -> scope.problem("primary key of unknown view " + quoted(name)));
    return result;
  }

  private Optional<ViewDef> view(
      View view, Optional<RawModuleV10.ViewPrimaryKey> key, List<TableDef> tables, Typespace raw) {
    String what = "view " + quoted(view.name());
    String name = scope.canonical(NameKind.FUNCTION, view.name());
    scope.identifier("view", name);
    scope.claimFunction(what, name);
    scope.claim(what, name);
    List<String> params = params(what, view.params());
    for (Member param : view.params().elements()) {
      if (param.type() == Primitive.F32 || param.type() == Primitive.F64) {
        scope.problem(what + ": a parameter of a view cannot be a float");
      }
    }
    Optional<ReturnType> returned = returnType(view.returnType());
    if (returned.isEmpty()) {
      scope.problem(what + " must return an option, an array or a query of a referenced product");
      return Optional.empty();
    }
    int ref = returned.get().rowTypeRef();
    Form form = returned.get().form();
    Optional<List<ColumnDef>> columns = scope.columns(what, ref, raw);
    if (columns.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ViewDef(
            name,
            view.name(),
            view.index(),
            view.isPublic(),
            view.isAnonymous(),
            view.params(),
            params,
            view.returnType(),
            form,
            ref,
            columns.get(),
            primaryKey(what, view, key, form, ref, columns.get(), tables)));
  }

  private OptionalInt primaryKey(
      String what,
      View view,
      Optional<RawModuleV10.ViewPrimaryKey> given,
      Form form,
      int rowTypeRef,
      List<ColumnDef> columns,
      List<TableDef> tables) {
    boolean hasParams = !view.params().elements().isEmpty();
    List<String> key = given.map(RawModuleV10.ViewPrimaryKey::columns).orElse(List.of());
    if (key.size() > 1) {
      scope.problem("%s: primary key over %d columns, limit 1".formatted(what, key.size()));
      return OptionalInt.empty();
    }
    if (key.isEmpty()) {
      return form == Form.QUERY && !hasParams ? inherited(rowTypeRef, tables) : OptionalInt.empty();
    }
    if (hasParams) {
      scope.problem(what + " has parameters, so it cannot have a primary key");
      return OptionalInt.empty();
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).accessor().equals(key.getFirst())) {
        return OptionalInt.of(i);
      }
    }
    scope.problem(what + ": primary key over unknown column " + quoted(key.getFirst()));
    return OptionalInt.empty();
  }

  /** The key that all tables with this row type have in common. */
  private static OptionalInt inherited(int rowTypeRef, List<TableDef> tables) {
    List<OptionalInt> keys =
        tables.stream()
            .filter(table -> table.rowTypeRef() == rowTypeRef)
            .map(TableDef::primaryKey)
            .distinct()
            .toList();
    return keys.size() == 1 ? keys.getFirst() : OptionalInt.empty();
  }
}
