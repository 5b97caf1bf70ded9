package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType.Product;
import java.util.List;
import java.util.Optional;

/**
 * A reducer, validated. Its id is its position in {@link ModuleSchema#reducers}.
 *
 * @param visibility private if scheduled, of an event, or an outbox's result reducer (V10)
 * @param lifecycle the event it runs at, if any
 */
public record ReducerDef(
    String name,
    String sourceName,
    Product params,
    List<String> canonicalParamNames,
    Visibility visibility,
    Optional<Lifecycle> lifecycle)
    implements FunctionDef {
  public ReducerDef {
    canonicalParamNames = List.copyOf(canonicalParamNames);
  }
}
