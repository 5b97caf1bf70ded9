package dev.dormouse.protocol;

import dev.dormouse.protocol.ServerMessage.TableRows;
import java.util.List;

/** What became of a one-off query. Source: spec client-protocol §14. */
public sealed interface QueryOutcome {
  /** Its rows; exactly one table. */
  record Rows(List<TableRows> tables) implements QueryOutcome {
    public Rows {
      tables = List.copyOf(tables);
    }
  }

  /** Why it failed. */
  record Failed(String error) implements QueryOutcome {}
}
