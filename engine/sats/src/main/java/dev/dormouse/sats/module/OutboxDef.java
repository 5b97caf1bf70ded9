package dev.dormouse.sats.module;

import dev.dormouse.sats.ModuleHash;
import java.util.List;
import java.util.Optional;

/**
 * Makes a table's rows calls of reducers of other databases. Source: spec since-2.8 §3.2.
 *
 * @param remoteReducer the reducer's name there, which may have a path
 * @param targetColumn column with the other database's identity
 * @param argColumns columns that become the arguments, in order; may repeat
 * @param onResultReducer canonical name of the reducer that gets row and result, with the path of
 *     its namespace
 * @param signatureHash what the remote reducer's signature must hash to
 */
public record OutboxDef(
    String remoteReducer,
    int targetColumn,
    List<Integer> argColumns,
    Optional<String> onResultReducer,
    ModuleHash signatureHash) {
  public OutboxDef {
    argColumns = List.copyOf(argColumns);
  }
}
