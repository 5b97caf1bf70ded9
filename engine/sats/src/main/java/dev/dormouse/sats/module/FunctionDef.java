package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType.Product;
import java.util.List;

/** A function of a module that takes typed arguments, validated. */
public sealed interface FunctionDef permits ReducerDef, ProcedureDef, ViewDef {
  /** The canonical name, with the path of its namespace. */
  String name();

  /** The name in the module's source, with the path of accessors. */
  String sourceName();

  /** The parameters, named as in the module's source; references point into the schema's types. */
  Product params();

  /** The parameters' converted names, one for each parameter. */
  List<String> canonicalParamNames();
}
