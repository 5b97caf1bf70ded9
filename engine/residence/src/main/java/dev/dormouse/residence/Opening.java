package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Database;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.DatabaseObserver;
import dev.dormouse.database.Program;
import java.io.IOException;

/** Opens a database that sleeps: ownership, state, program. Blocks; on a worker. */
final class Opening {
  private final ResidenceContext context;

  Opening(ResidenceContext context) {
    this.context = context;
  }

  /**
   * Opens it for this node.
   *
   * @param timer is told of the steps up to {@link WakeStep#MODULE}
   * @throws dev.dormouse.sats.EngineException if it cannot be opened; nothing of it is open then
   */
  Database run(DatabaseKey key, DatabaseObserver observer, WakeTimer timer) throws IOException {
    timer.done(WakeStep.ADMIT);
    Ownership.Owned owned = context.ownership().take(key);
    DatabaseContext database = context.databases().of(key, owned.epoch(), owned.owner());
    owned
        .lastSleep()
        .ifPresent(sleep -> context.programs().loadAhead(sleep.program(), context.workers()));
    timer.done(WakeStep.OWN);
    Restore.Restored restored = new Restore(context).run(database, owned, timer);
    Program program = context.programs().of(restored.store());
    timer.done(WakeStep.MODULE);
    return Database.open(
        database,
        observer,
        restored.store(),
        program,
        context.logLimits(),
        restored.lastOffset(),
        restored.lastTimestamp());
  }
}
