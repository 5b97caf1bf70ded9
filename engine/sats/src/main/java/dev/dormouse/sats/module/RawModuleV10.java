package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.ModuleHash;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A definition as the 2.x module libraries write it: sections in any order, each kind optional.
 *
 * <p>Of two sections of one kind the first counts. Source: spec data-model §6.4, since-2.8 §3.
 */
public record RawModuleV10(List<Section> sections) implements RawModuleDef {
  public RawModuleV10 {
    sections = List.copyOf(sections);
  }

  /** The first section of a kind, if there is one. */
  public <S extends Section> Optional<S> first(Class<S> kind) {
    for (Section section : sections) {
      if (kind.isInstance(section)) {
        return Optional.of(kind.cast(section));
      }
    }
    return Optional.empty();
  }

  /** The elements of the first section of a kind, or none. */
  <S extends Section, T> List<T> all(Class<S> kind, Function<S, List<T>> elements) {
    return first(kind).map(elements).orElse(List.of());
  }

  /** A part of the definition. */
  public sealed interface Section {
    /** The section's tag. */
    default int tag() {
      return switch (this) {
        case Typespace ignored -> 0;
        case Types ignored -> 1;
        case Tables ignored -> 2;
        case Reducers ignored -> 3;
        case Procedures ignored -> 4;
        case Views ignored -> 5;
        case Schedules ignored -> 6;
        case LifeCycleReducers ignored -> 7;
        case RowLevelSecurity ignored -> 8;
        case CaseConversion ignored -> 9;
        case ExplicitNames ignored -> 10;
        case HttpHandlers ignored -> 11;
        case HttpRoutes ignored -> 12;
        case ViewPrimaryKeys ignored -> 13;
        case Submodules ignored -> 14;
        case Environment ignored -> 15;
        case Outboxes ignored -> 16;
      };
    }
  }

  /** The types that references point to. */
  public record Typespace(dev.dormouse.sats.Typespace types) implements Section {}

  /** Names of types. */
  public record Types(List<TypeName> types) implements Section {
    public Types {
      types = List.copyOf(types);
    }
  }

  /** Tables. */
  public record Tables(List<Table> tables) implements Section {
    public Tables {
      tables = List.copyOf(tables);
    }
  }

  /** Reducers; their position is their id. */
  public record Reducers(List<Reducer> reducers) implements Section {
    public Reducers {
      reducers = List.copyOf(reducers);
    }
  }

  /** Procedures; their position is their id. */
  public record Procedures(List<Procedure> procedures) implements Section {
    public Procedures {
      procedures = List.copyOf(procedures);
    }
  }

  /** Views. */
  public record Views(List<View> views) implements Section {
    public Views {
      views = List.copyOf(views);
    }
  }

  /** Which tables hold schedules, and of which functions. */
  public record Schedules(List<Schedule> schedules) implements Section {
    public Schedules {
      schedules = List.copyOf(schedules);
    }
  }

  /** Reducers of events. */
  public record LifeCycleReducers(List<LifeCycleReducer> reducers) implements Section {
    public LifeCycleReducers {
      reducers = List.copyOf(reducers);
    }
  }

  /** Row-level security rules, as SQL. */
  public record RowLevelSecurity(List<String> rules) implements Section {
    public RowLevelSecurity {
      rules = List.copyOf(rules);
    }
  }

  /** How names are converted; without this section they become snake_case. */
  public record CaseConversion(CasePolicy policy) implements Section {}

  /** Names that are not converted. */
  public record ExplicitNames(List<ExplicitName> entries) implements Section {
    public ExplicitNames {
      entries = List.copyOf(entries);
    }
  }

  /** HTTP handlers, by source name; their position is their id. */
  public record HttpHandlers(List<String> sourceNames) implements Section {
    public HttpHandlers {
      sourceNames = List.copyOf(sourceNames);
    }
  }

  /** HTTP routes. */
  public record HttpRoutes(List<HttpRoute> routes) implements Section {
    public HttpRoutes {
      routes = List.copyOf(routes);
    }
  }

  /** Primary keys of views. */
  public record ViewPrimaryKeys(List<ViewPrimaryKey> keys) implements Section {
    public ViewPrimaryKeys {
      keys = List.copyOf(keys);
    }
  }

  /** Mounted modules. */
  public record Submodules(List<Submodule> submodules) implements Section {
    public Submodules {
      submodules = List.copyOf(submodules);
    }
  }

  /** Environment variables. */
  public record Environment(List<EnvironmentVariable> variables) implements Section {
    public Environment {
      variables = List.copyOf(variables);
    }
  }

  /** Tables whose rows are calls of other databases. */
  public record Outboxes(List<Outbox> outboxes) implements Section {
    public Outboxes {
      outboxes = List.copyOf(outboxes);
    }
  }

  /** A table. */
  public record Table(
      String sourceName,
      int productTypeRef,
      List<Integer> primaryKey,
      List<Index> indexes,
      List<Constraint> constraints,
      List<Sequence> sequences,
      TableType tableType,
      TableAccess tableAccess,
      List<ColumnDefault> defaultValues,
      boolean isEvent) {
    public Table {
      primaryKey = List.copyOf(primaryKey);
      indexes = List.copyOf(indexes);
      constraints = List.copyOf(constraints);
      sequences = List.copyOf(sequences);
      defaultValues = List.copyOf(defaultValues);
    }
  }

  /** A reducer. */
  public record Reducer(
      String sourceName,
      Product params,
      Visibility visibility,
      AlgebraicType okReturnType,
      AlgebraicType errReturnType) {}

  /** A procedure. */
  public record Procedure(
      String sourceName, Product params, AlgebraicType returnType, Visibility visibility) {}

  /** A schedule; its own source name counts for V9 only. */
  public record Schedule(
      Optional<String> sourceName, String tableName, int scheduleAtCol, String functionName) {}

  /** The reducer of an event. */
  public record LifeCycleReducer(Lifecycle lifecycleSpec, String functionName) {}

  /** What an explicit name is for. In tag order. */
  public enum NameKind {
    TABLE,
    FUNCTION,
    INDEX,
    NAMESPACE;

    static final NameKind[] BY_TAG = values();
  }

  /** A name taken verbatim instead of converted. */
  public record ExplicitName(NameKind kind, String sourceName, String canonicalName) {}

  /** A route to a handler. */
  public record HttpRoute(String handlerFunction, HttpMethod method, String path) {}

  /** The primary key of a view. */
  public record ViewPrimaryKey(String viewSourceName, List<String> columns) {
    public ViewPrimaryKey {
      columns = List.copyOf(columns);
    }
  }

  /** A module mounted under a namespace. */
  public record Submodule(String namespace, RawModuleV10 module) {}

  /** A table whose rows are calls of other databases. */
  public record Outbox(
      String tableName,
      String remoteReducer,
      int targetColumn,
      List<Integer> argColumns,
      Optional<String> onResultReducer,
      ModuleHash signatureHash) {
    public Outbox {
      argColumns = List.copyOf(argColumns);
    }
  }
}
