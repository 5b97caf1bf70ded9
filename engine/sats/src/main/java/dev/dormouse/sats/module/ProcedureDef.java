package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import java.util.List;

/**
 * A procedure, validated. Its id is its position in {@link ModuleSchema#procedures}.
 *
 * @param returnType references point into the schema's types
 * @param visibility private if scheduled (V10)
 */
public record ProcedureDef(
    String name,
    String sourceName,
    Product params,
    List<String> canonicalParamNames,
    AlgebraicType returnType,
    Visibility visibility)
    implements FunctionDef {
  public ProcedureDef {
    canonicalParamNames = List.copyOf(canonicalParamNames);
  }
}
