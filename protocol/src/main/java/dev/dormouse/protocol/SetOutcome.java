package dev.dormouse.protocol;

import dev.dormouse.protocol.ServerMessage.TableRows;
import java.util.List;

/** What became of one query set of a batch. Source: spec since-2.8 §5. */
public sealed interface SetOutcome {
  /** Registered. */
  record Applied(List<TableRows> tables) implements SetOutcome {
    static final int TAG = 0;

    public Applied {
      tables = List.copyOf(tables);
    }
  }

  /** Not registered, its id is free. */
  record Failed(String error) implements SetOutcome {
    static final int TAG = 1;
  }
}
