package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.module.Lifecycle;
import dev.dormouse.sats.module.ModuleSchema;
import dev.dormouse.sats.module.TableDef;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * One awake database: the façade of the engine for those who keep databases and serve clients.
 *
 * <p>Requests go in by {@link #submit}, from any thread, and are executed one after another.
 */
public final class Database {
  private final Session session;

  private Database(Session session) {
    this.session = session;
  }

  /**
   * Makes a new database: its tables, its module's row, and its init reducer, in the one
   * transaction that begins its log. Blocks while the guest runs, and not for the log: use {@link
   * #whenAllDurable}.
   *
   * @throws EngineException if the module traps, refuses or exceeds a limit; then nothing is left
   */
  public static Database create(
      DatabaseContext context, DatabaseObserver observer, Program program, LogLimits logLimits) {
    Datastore store = Datastore.bootstrap(context.storeOptions());
    boolean made = false;
    try {
      Session session = new Session(context, observer, store, program, logLimits, -1, 0);
      try {
        initialise(session, program);
        made = true;
      } finally {
        if (!made) {
          session.lane().stop();
        }
      }
      return new Database(session);
    } finally {
      if (!made) {
        store.close(); // Also where no session came to own it.
      }
    }
  }

  private static void initialise(Session session, Program program) {
    ModuleSchema schema = program.schema();
    Caller owner = Caller.withoutConnection(session.context().owner());
    long timestamp = session.clock().next();
    session.instance();
    Transaction tx = session.store().begin();
    List<TableDef> tables =
        schema.tables().stream().sorted(Comparator.comparing(TableDef::name)).toList();
    for (TableDef table : tables) {
      tx.createTable(table);
      session.hostLog(LogLevel.INFO, timestamp, "", "Creating table `%s`".formatted(table.name()));
    }
    ModuleRow.insert(tx, session.context(), program);
    OptionalInt init = schema.lifecycleReducer(Lifecycle.INIT);
    String name = "";
    if (init.isPresent()) {
      name = schema.reducers().get(init.getAsInt()).name();
      session.hostLog(LogLevel.INFO, timestamp, "", "Invoking `init` reducer");
      CallResult result =
          session.calls().call(tx, owner, init.getAsInt(), name, new byte[0], timestamp);
      switch (result) {
        case CallResult.Committed() -> {}
        case CallResult.Failed(String error) ->
            throw EngineException.tenant("init reducer failed: " + error);
        case CallResult.OutOfBudget() ->
            throw EngineException.tenant("init reducer: " + CallResult.BUDGET_EXHAUSTED);
        default -> throw EngineException.tenant("init reducer: " + CallResult.FATAL);
      }
    }
    session.commit(tx, CommitKind.PUBLISH, owner, null, name, timestamp, true);
    session.hostLog(LogLevel.INFO, timestamp, "", "Database initialized");
  }

  /**
   * Goes on with a database that was restored.
   *
   * @param store its state at {@code lastOffset}; closed with the database, also if this fails
   * @param lastTimestamp the last timestamp that a call of it saw
   * @throws EngineException if the module cannot be instantiated
   */
  public static Database open(
      DatabaseContext context,
      DatabaseObserver observer,
      Datastore store,
      Program program,
      LogLimits logLimits,
      long lastOffset,
      long lastTimestamp) {
    boolean opened = false;
    try {
      Session session =
          new Session(context, observer, store, program, logLimits, lastOffset, lastTimestamp);
      try {
        session.instance();
        opened = true;
      } finally {
        if (!opened) {
          session.lane().stop();
        }
      }
      return new Database(session);
    } finally {
      if (!opened) {
        store.close(); // Also where no session came to own it.
      }
    }
  }

  /** Queues a request; a {@link Leave} never finds the queue full. */
  public Submission submit(Request request) {
    return session.lane().offer(request);
  }

  /**
   * Queues a request that was admitted before this life began: it waited for it, or is of a
   * connection that is older. As many as there are go in, since limits counted them already;
   * whoever comes later finds the queue full until they are executed.
   *
   * @return queued, or over
   */
  public Submission admit(Request request) {
    return session.lane().admit(request);
  }

  /** Which database, in which life, and what else it was handed. */
  public DatabaseContext context() {
    return session.context();
  }

  /** What it runs. */
  public Program program() {
    return session.program();
  }

  /** Bytes of live rows, as of the last drain. */
  public long sizeBytes() {
    return session.sizeBytes();
  }

  /** When it was last used, on the context's nanosecond clock. */
  public long lastUse() {
    return session.lastUse();
  }

  /**
   * Answers once everything committed so far is durable; on the lane. Refuses, on the calling
   * thread, if as many requests wait as may, or if this life is over.
   */
  public void whenAllDurable(Reply<Long> reply) {
    switch (session.lane().offer(new Durability(reply))) {
      case QUEUED -> {}
      case FULL -> reply.refused(session.context().limits().full());
      case OVER -> reply.refused(session.ended());
    }
  }

  /** Who is connected by the rows of the store; only before the first request was submitted. */
  public List<Caller> connectionsAtOpening() {
    return session.connections().present();
  }

  /** Offset up to which its log is durable; -1 for nothing. */
  public long durableOffset() {
    return session.durable();
  }

  /**
   * Ends this life at once, as if the process had died: what is not durable is not acknowledged.
   */
  public void abort(Throwable why) {
    session.failed(why);
  }
}
