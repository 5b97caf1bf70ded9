package dev.dormouse.sats.module;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Typespace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A module's definition, validated: what the rest of the engine knows of a module. Immutable.
 *
 * <p>Names are canonical. What submodules define follows what the root defines, depth first, with
 * the namespace's path in front of the names; their types follow in the one typespace, and all
 * references point into that. Source: spec data-model §7, module-abi §7.5, since-2.8 §3.
 */
public final class ModuleSchema {
  /** All that a schema holds. */
  record Parts(
      int version,
      Typespace typespace,
      List<TypeDef> types,
      List<TableDef> tables,
      List<ReducerDef> reducers,
      List<ProcedureDef> procedures,
      List<ViewDef> views,
      List<HttpHandlerDef> httpHandlers,
      List<HttpRouteDef> httpRoutes,
      List<String> rowLevelSecurity,
      Optional<List<EnvironmentVariable>> environment,
      List<SubmoduleDef> submodules) {
    Parts {
      types = List.copyOf(types);
      tables = List.copyOf(tables);
      reducers = List.copyOf(reducers);
      procedures = List.copyOf(procedures);
      views = List.copyOf(views);
      httpHandlers = List.copyOf(httpHandlers);
      httpRoutes = List.copyOf(httpRoutes);
      rowLevelSecurity = List.copyOf(rowLevelSecurity);
      environment = environment.map(List::copyOf);
      submodules = List.copyOf(submodules);
    }
  }

  private final Parts parts;
  private final Map<String, Integer> reducerIds = new HashMap<>();
  private final Map<String, Integer> procedureIds = new HashMap<>();
  private final Map<String, ViewDef> viewsByName = new HashMap<>();
  private final Map<String, TableDef> tablesByName = new HashMap<>();

  ModuleSchema(Parts parts) {
    this.parts = parts;
    for (int i = 0; i < parts.reducers.size(); i++) {
      reducerIds.put(parts.reducers.get(i).name(), i);
    }
    for (int i = 0; i < parts.procedures.size(); i++) {
      procedureIds.put(parts.procedures.get(i).name(), i);
    }
    parts.views.forEach(view -> viewsByName.put(view.name(), view));
    parts.tables.forEach(table -> tablesByName.put(table.name(), table));
  }

  /**
   * Reads and validates the output of {@code __describe_module__}, within the default limits.
   *
   * @throws EngineException for the module's owner, naming every problem found
   */
  public static ModuleSchema fromDescription(byte[] describeOutput) {
    return fromDescription(describeOutput, DefinitionLimits.DEFAULT);
  }

  /** As {@link #fromDescription(byte[])}, within these limits. */
  public static ModuleSchema fromDescription(byte[] describeOutput, DefinitionLimits limits) {
    RawModuleDef definition;
    try {
      definition = RawModuleDef.decode(describeOutput, limits);
    } catch (DecodeException e) {
      throw new EngineException(EngineException.Code.TENANT, "module definition: " + e.text(), e);
    }
    return of(definition, limits);
  }

  /**
   * Validates a definition.
   *
   * @throws EngineException for the module's owner, naming every problem found
   */
  public static ModuleSchema of(RawModuleDef definition, DefinitionLimits limits) {
    return Validation.validate(definition, limits);
  }

  /** 9 or 10. */
  public int version() {
    return parts.version;
  }

  /** The types that references point to, with canonical names, those of submodules included. */
  public Typespace typespace() {
    return parts.typespace;
  }

  /** Names of the root's types; those of submodules are in their own schemas. */
  public List<TypeDef> types() {
    return parts.types;
  }

  /** Every table. */
  public List<TableDef> tables() {
    return parts.tables;
  }

  /** Every reducer; the position is the id. */
  public List<ReducerDef> reducers() {
    return parts.reducers;
  }

  /** Every procedure; the position is the id. */
  public List<ProcedureDef> procedures() {
    return parts.procedures;
  }

  /** Every view. */
  public List<ViewDef> views() {
    return parts.views;
  }

  /** The root's HTTP handlers; the position is the id. Those of submodules are not served. */
  public List<HttpHandlerDef> httpHandlers() {
    return parts.httpHandlers;
  }

  /** The root's HTTP routes. Those of submodules are not served. */
  public List<HttpRouteDef> httpRoutes() {
    return parts.httpRoutes;
  }

  /** The root's row-level security rules as SQL, not parsed. Those of submodules do not apply. */
  public List<String> rowLevelSecurity() {
    return parts.rowLevelSecurity;
  }

  /** The environment variables, sorted by name. */
  public List<EnvironmentVariable> environment() {
    return parts.environment.orElse(List.of());
  }

  /** Whether the definition had an environment section, were it an empty one. */
  public boolean declaresEnvironment() {
    return parts.environment.isPresent();
  }

  /** The modules mounted in the root. What they define is also in this schema's own lists. */
  public List<SubmoduleDef> submodules() {
    return parts.submodules;
  }

  /** Id of the reducer with this canonical name. */
  public OptionalInt reducerId(String canonicalName) {
    return id(reducerIds, canonicalName);
  }

  /** The reducer with this canonical name. */
  public Optional<ReducerDef> reducer(String canonicalName) {
    return Optional.ofNullable(reducerIds.get(canonicalName)).map(parts.reducers::get);
  }

  /** Id of the procedure with this canonical name. */
  public OptionalInt procedureId(String canonicalName) {
    return id(procedureIds, canonicalName);
  }

  /** The procedure with this canonical name. */
  public Optional<ProcedureDef> procedure(String canonicalName) {
    return Optional.ofNullable(procedureIds.get(canonicalName)).map(parts.procedures::get);
  }

  /** The view with this canonical name. */
  public Optional<ViewDef> view(String canonicalName) {
    return Optional.ofNullable(viewsByName.get(canonicalName));
  }

  /** The table with this canonical name. */
  public Optional<TableDef> table(String canonicalName) {
    return Optional.ofNullable(tablesByName.get(canonicalName));
  }

  /**
   * The definition written out again as V10, with nothing left to convert. Source: since-2.8 §3.7.
   */
  public RawModuleV10 toV10() {
    return NormalisedV10.of(this);
  }

  /** The definition written out again as V9, as far as V9 can say it. Source: http-api §8.1. */
  public RawModuleV9 toV9() {
    return FlattenedV9.of(this);
  }

  /** Id of the reducer of an event. */
  public OptionalInt lifecycleReducer(Lifecycle event) {
    for (int i = 0; i < parts.reducers.size(); i++) {
      if (parts.reducers.get(i).lifecycle().filter(event::equals).isPresent()) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  private static OptionalInt id(Map<String, Integer> ids, String name) {
    Integer id = ids.get(name);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
