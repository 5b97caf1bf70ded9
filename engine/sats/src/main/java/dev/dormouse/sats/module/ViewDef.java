package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import java.util.List;
import java.util.OptionalInt;

/**
 * A view, validated.
 *
 * @param id what the module is called with; anonymous views and others are counted apart
 * @param isPublic whether every client may read it
 * @param isAnonymous whether its rows are the same for every caller
 * @param returnType as in the definition
 * @param form what the return type is
 * @param rowTypeRef slot of the schema's typespace that holds the row type
 * @param columns of a row, with references replaced; they have no defaults
 * @param primaryKey given, or inherited from the tables that a query view selects from
 */
public record ViewDef(
    String name,
    String sourceName,
    int id,
    boolean isPublic,
    boolean isAnonymous,
    Product params,
    List<String> canonicalParamNames,
    AlgebraicType returnType,
    Form form,
    int rowTypeRef,
    List<TableDef.ColumnDef> columns,
    OptionalInt primaryKey)
    implements FunctionDef {
  public ViewDef {
    canonicalParamNames = List.copyOf(canonicalParamNames);
    columns = List.copyOf(columns);
  }

  /** How a view gives its rows. */
  public enum Form {
    /** At most one row. */
    OPTION,
    /** Rows. */
    ARRAY,
    /** SQL that selects the rows. */
    QUERY
  }
}
