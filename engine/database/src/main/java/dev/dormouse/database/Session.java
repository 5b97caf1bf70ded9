package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.commitlog.DurabilityListener;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.modulehost.ModuleInstance;
import dev.dormouse.query.Budget;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.subscription.SetDelta;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * All that an awake database holds, and the drain loop over it. Everything but the volatile fields
 * belongs to the lane. Source: design §3.
 */
final class Session implements Lane.Work, DurabilityListener {
  /** Target, file name and function of log records that the host writes. */
  private static final String HOST = "__spacetimedb__";

  private final DatabaseContext context;
  private final DatabaseObserver observer;
  private final Datastore store;
  private final CallClock clock;
  private final Commits commits;
  private final Gate gate = new Gate();
  private final GuestCalls guest;
  private final ReducerCalls calls;
  private final Connections connections;
  private final QueryCompiler compiler;
  private final Audience audience;
  private final Lane lane;
  private Program program;
  private @Nullable ModuleInstance instance;
  private volatile long durable;

  // Written under the lane's monitor: at most one of them, once.
  private volatile @Nullable Throwable ended;
  private volatile @Nullable Runnable farewell;

  private volatile long lastUse;
  private volatile long sizeBytes;

  /** Whether this drain has executed what counts as use; on the lane. */
  private boolean used;

  /**
   * Takes over a store and goes on behind an offset.
   *
   * @param lastOffset offset of the last commit that the store holds, -1 for none; it is durable
   * @param lastTimestamp the last timestamp that a call of this database saw, or 0
   */
  Session(
      DatabaseContext context,
      DatabaseObserver observer,
      Datastore store,
      Program program,
      LogLimits logLimits,
      long lastOffset,
      long lastTimestamp) {
    this.context = context;
    this.observer = observer;
    this.store = store;
    this.program = program;
    this.clock = new CallClock(context.clock(), lastTimestamp);
    this.durable = lastOffset;
    this.lane = new Lane(context.lanes(), context.limits(), this);
    this.commits = new Commits(context, logLimits, lastOffset + 1, this);
    this.guest = new GuestCalls(this);
    this.calls = new ReducerCalls(this);
    this.connections = new Connections(this);
    this.compiler = new QueryCompiler(context.queryLimits());
    this.audience =
        new Audience(
            compiler, context.subscriptionLimits(), context.nanoTime(), context.memory(), observer);
    this.lastUse = context.nanoTime().getAsLong();
  }

  DatabaseContext context() {
    return context;
  }

  DatabaseObserver observer() {
    return observer;
  }

  Datastore store() {
    return store;
  }

  CallClock clock() {
    return clock;
  }

  Commits commits() {
    return commits;
  }

  GuestCalls guest() {
    return guest;
  }

  ReducerCalls calls() {
    return calls;
  }

  Connections connections() {
    return connections;
  }

  Audience audience() {
    return audience;
  }

  Lane lane() {
    return lane;
  }

  Program program() {
    return program;
  }

  /** The instance that serves; made anew if the last one was dropped. */
  ModuleInstance instance() {
    ModuleInstance present = instance;
    if (present == null) {
      present =
          program
              .module()
              .instantiate(
                  guest,
                  context.instanceLimits(),
                  context.watch(),
                  CpuBudget.of(context.limits().callCpu()),
                  context.memory());
      instance = present;
    }
    return present;
  }

  /** Forgets the instance: it was poisoned, or its globals can no longer be trusted. */
  void dropInstance() {
    ModuleInstance dropped = instance;
    if (dropped != null) {
      dropped.close();
    }
    instance = null;
    guest.forget();
  }

  /** Serves another program from now on. */
  void swap(Program next, ModuleInstance made) {
    ModuleInstance before = instance;
    if (before != null) {
      before.close();
    }
    program = next;
    instance = made;
  }

  // ---- transactions that fail ----

  /** Rolls back a transaction that was refused before it touched shared state. */
  void rollback(Transaction tx) {
    if (!tx.isIdle()) {
      tx.rollback();
    }
  }

  /**
   * Rolls back after an error out of host code. If shared state may have been touched, the database
   * ends: what it holds may differ from its log.
   */
  void rollbackAfter(Transaction tx, Throwable cause) {
    dropInstance();
    if (commits.isMerging()) {
      throw new IllegalStateException("a commit broke off between merge and log", cause);
    }
    if (audience.isDelivering()) {
      throw new IllegalStateException("an error broke off the telling of a commit", cause);
    }
    rollback(tx);
    observer.trapped("", "host code failed: " + cause);
  }

  /**
   * Commits a transaction and tells subscribers; see {@link Commits#commit}.
   *
   * @param client the caller's connection, if it has one that gets its changes with its answer
   * @return the changes in that client's query sets
   */
  List<SetDelta<EncodedUpdate>> commit(
      Transaction tx,
      CommitKind kind,
      Caller caller,
      @Nullable Client client,
      String function,
      long timestamp,
      boolean evenIfEmpty) {
    boolean logged = commits.commit(tx, kind, caller, function, timestamp, evenIfEmpty, audience);
    return logged ? audience.deliver(client, commits.lastOffset()) : List.of();
  }

  boolean isOwner(Caller caller) {
    return caller.identity().equals(context.owner());
  }

  // ---- queries ----

  QueryCompiler compiler() {
    return compiler;
  }

  dev.dormouse.query.Caller queryCaller(Caller caller) {
    return new dev.dormouse.query.Caller(caller.identity(), isOwner(caller));
  }

  /**
   * Bounds of one query.
   *
   * @param memory covers its result
   */
  Budget queryBudget(MemoryAccount memory) {
    DatabaseLimits limits = context.limits();
    return new Budget(
        limits.sqlRows(), limits.sqlResultBytes(), limits.sqlTime(), context.nanoTime(), memory);
  }

  /** As {@link #queryBudget} for rows that are sent to a client. */
  Budget messageBudget(MemoryAccount memory) {
    DatabaseLimits limits = context.limits();
    return new Budget(
        limits.sqlRows(),
        limits.sqlResultBytes(),
        limits.sqlTime(),
        context.nanoTime(),
        memory,
        Budget.MESSAGE_COPIES);
  }

  // ---- logs ----

  /** A line that the host writes into the module's log. */
  void hostLog(LogLevel level, long timestamp, String function, String message) {
    String shown = message;
    if (shown.length() > context.limits().logLineBytes()) {
      shown = shown.substring(0, context.limits().logLineBytes());
    }
    context
        .log()
        .append(
            timestamp,
            function.isEmpty() ? HOST : function,
            new LogRecord(
                level,
                Optional.of(HOST),
                Optional.of(HOST),
                OptionalInt.empty(),
                shown,
                List.of()));
  }

  // ---- the drain ----

  @Override
  public void beginDrain() {
    long known = durable;
    gate.release(known);
    audience.flush(known);
  }

  @Override
  public void execute(Request request) {
    used |= request.isUse();
    try {
      Optional<EngineException> noWrites = context.writes().refusal();
      if (noWrites.isPresent() && request.isWrite()) {
        request.refuseWrite(this, noWrites.get());
      } else {
        request.execute(this);
      }
    } catch (RuntimeException | Error e) {
      // The lane ends by this; whoever asked must hear of it all the same.
      request.refuse(stoppedBy(e));
      throw e;
    }
  }

  @Override
  public void endDrain() {
    if (used) { // Before anybody is told: who has heard of it finds it used then, and not later.
      used = false;
      lastUse = context.nanoTime().getAsLong();
    }
    sizeBytes = store.liveBytes();
    long known = durable;
    gate.release(known);
    audience.flush(known);
  }

  /** Hands an answer out once what it rests on, all commits so far, is durable. */
  void whenDurable(Runnable release, Runnable abandon) {
    gate.whenDurable(commits.lastOffset(), durable, release, abandon);
  }

  /** As {@link #whenDurable} for a reply that is refused if durability cannot be known. */
  <T> void answerDurably(Reply<T> reply, T answer) {
    whenDurable(() -> reply.done(answer), () -> reply.refused(ended()));
  }

  // ---- the log writer's thread ----

  @Override
  public void durable(TxOffset offset) {
    durable = offset.value();
    lane.wake();
  }

  // ---- the end ----

  /** The log has failed (on its writer's thread), or the lane has. */
  @Override
  public void failed(Throwable cause) {
    synchronized (lane) {
      if (ended != null || farewell != null) {
        return;
      }
      ended = cause;
    }
    lane.stop();
  }

  /**
   * Ends this life in good order, with the request under way.
   *
   * @param told run when nothing of this life is left, its place in the log included
   * @return false if it has failed meanwhile; then nothing happens
   */
  boolean end(Runnable told) {
    synchronized (lane) {
      if (ended != null) {
        return false;
      }
      farewell = told;
    }
    lane.stop();
    return true;
  }

  @Override
  public void stopped(List<Request> remaining) {
    gate.abandon();
    commits.close();
    dropInstance();
    audience.close();
    store.close();
    observer.leftOver(remaining, ended());
    Throwable cause = ended;
    Runnable told = farewell;
    if (cause != null) {
      observer.failed(cause);
    } else if (told != null) {
      told.run();
    }
  }

  /** All that is to be kept of it as it is now. */
  Rest rest() {
    return new Rest(
        store.capture(),
        program.hash(),
        commits.lastOffset(),
        clock.last(),
        connections.present(),
        store.liveBytes());
  }

  EngineException ended() {
    Throwable cause = ended;
    return cause == null
        ? EngineException.retry("the database is going to sleep; try again")
        : stoppedBy(cause);
  }

  private static EngineException stoppedBy(Throwable cause) {
    return new EngineException(
        EngineException.Code.RETRY, "the database stopped: " + cause.getMessage(), cause);
  }

  long durable() {
    return durable;
  }

  long lastUse() {
    return lastUse;
  }

  long sizeBytes() {
    return sizeBytes;
  }
}
