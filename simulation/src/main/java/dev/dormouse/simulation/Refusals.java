package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.sats.EngineException;
import java.util.Map;

/** Judges whether the node had a reason to refuse. */
final class Refusals {
  private final Fate fate;
  private final Trace trace;
  private final Conditions conditions;
  private final Map<DatabaseKey, Ledger> ledgers;

  Refusals(Fate fate, Trace trace, Conditions conditions, Map<DatabaseKey, Ledger> ledgers) {
    this.fate = fate;
    this.trace = trace;
    this.conditions = conditions;
    this.ledgers = ledgers;
  }

  /** A request was refused. */
  void refused(DatabaseKey key, String what, EngineException why) {
    trace.line(what + " is refused: " + why.text());
    if (!isExcused(key, why.text())) {
      fate.violated("%s was refused without a reason: %s".formatted(what, why.text()));
    }
  }

  /** Sockets were closed. */
  void closed(DatabaseKey key, String why) {
    if (!isExcused(key, why)) {
      fate.violated("sockets were closed without a reason: " + why);
    }
  }

  private boolean isExcused(DatabaseKey key, String why) {
    Ledger ledger = ledgers.get(key);
    if (ledger == null || !ledger.isCreated() || ledger.isDeleted()) {
      return true; // Its creation was not answered yet, or it is gone.
    }
    if (why.contains("did not wake within")) {
      return conditions.stalls();
    }
    boolean isFull =
        why.contains("requests wait") || why.contains("to wake") || why.contains("overloaded");
    if (isFull || why.contains("requests waiting as it may")) {
      return !conditions.isRoomy();
    }
    return fate.faults() > 0;
  }
}
