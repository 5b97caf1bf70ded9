package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.Typespace;
import java.util.List;
import java.util.Optional;

/** A definition as the 1.x module libraries write it. Source: spec data-model §6.3. */
public record RawModuleV9(
    Typespace typespace,
    List<Table> tables,
    List<Reducer> reducers,
    List<TypeName> types,
    List<Misc> miscExports,
    List<String> rowLevelSecurity)
    implements RawModuleDef {
  public RawModuleV9 {
    tables = List.copyOf(tables);
    reducers = List.copyOf(reducers);
    types = List.copyOf(types);
    miscExports = List.copyOf(miscExports);
    rowLevelSecurity = List.copyOf(rowLevelSecurity);
  }

  /** A table. */
  public record Table(
      String name,
      int productTypeRef,
      List<Integer> primaryKey,
      List<Index> indexes,
      List<Constraint> constraints,
      List<Sequence> sequences,
      Optional<Schedule> schedule,
      TableType tableType,
      TableAccess tableAccess) {
    public Table {
      primaryKey = List.copyOf(primaryKey);
      indexes = List.copyOf(indexes);
      constraints = List.copyOf(constraints);
      sequences = List.copyOf(sequences);
    }
  }

  /** The schedule of a table; the function is a reducer or a procedure. */
  public record Schedule(Optional<String> name, String reducerName, int scheduledAtColumn) {}

  /** A reducer. */
  public record Reducer(String name, Product params, Optional<Lifecycle> lifecycle) {}

  /** What version 9 got after it was fixed. */
  public sealed interface Misc {}

  /** A default of a table's column. */
  public record ColumnDefaultValue(String table, int column, Bytes value) implements Misc {}

  /** A procedure. */
  public record Procedure(String name, Product params, AlgebraicType returnType) implements Misc {}

  /** A view. */
  public record ViewExport(View view) implements Misc {}
}
