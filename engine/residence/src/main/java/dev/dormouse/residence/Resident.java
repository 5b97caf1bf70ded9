package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Database;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.DatabaseObserver;
import dev.dormouse.database.FallAsleep;
import dev.dormouse.database.Leave;
import dev.dormouse.database.Reply;
import dev.dormouse.database.Request;
import dev.dormouse.database.Rest;
import dev.dormouse.database.Submission;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One database on this node, through all of its lives: what state it is in, who waits for it, and
 * the steps from one state to the next. Thread safe: everything but {@link #serving} is guarded by
 * the lock, and nothing blocks while it is held.
 */
final class Resident {
  private final ResidenceContext context;
  private final WakeQueue wakes;
  private final DatabaseKey key;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Database serving;
  private volatile @Nullable ModuleHash lastRun;

  // Guarded by the lock.
  private DatabaseState state = DatabaseState.ASLEEP;
  private final WaitingRoom waiting;
  private @Nullable Life life;
  private boolean sleepAsked;
  private boolean lifeOwed;
  private long restingBytes;
  private OptionalLong storedAt = OptionalLong.empty();
  private boolean unstored;
  private boolean dismissed;
  private @Nullable LastWake lastWake;
  private @Nullable Setback setback;

  Resident(ResidenceContext context, WakeQueue wakes, DatabaseKey key) {
    this.context = context;
    this.wakes = wakes;
    this.key = key;
    this.waiting = new WaitingRoom(context.limits());
  }

  DatabaseKey key() {
    return key;
  }

  /** The database while it serves. */
  Optional<Database> serving() {
    return Optional.ofNullable(serving);
  }

  /** What it runs by its own word, if it was in memory. */
  Optional<ModuleHash> program() {
    Database present = serving;
    return Optional.ofNullable(present == null ? lastRun : present.program().hash());
  }

  DatabaseStatus status() {
    lock.lock();
    try {
      Database present = serving;
      return new DatabaseStatus(
          state,
          present == null ? restingBytes : present.sizeBytes(),
          Optional.ofNullable(lastWake),
          Optional.ofNullable(setback).map(Setback::why));
    } finally {
      lock.unlock();
    }
  }

  // ---- requests ----

  /**
   * Takes a request, which is answered or refused then.
   *
   * @return false if nothing was done, since this was dismissed: another one is to be asked
   */
  boolean submit(WakeReason reason, Request request) {
    Database present = serving;
    if (present != null) {
      switch (present.submit(request)) {
        case QUEUED -> {
          return true;
        }
        case FULL -> {
          request.refuse(Busy.queue(present));
          return true;
        }
        case OVER -> {}
      }
    }
    EngineException refused;
    lock.lock();
    try {
      if (dismissed) {
        return false;
      }
      refused = park(reason, request);
    } finally {
      lock.unlock();
    }
    if (refused != null) {
      request.refuse(refused);
    }
    return true;
  }

  /** Keeps a request for the next life; gives the reason if it cannot be kept. Has the lock. */
  private @Nullable EngineException park(WakeReason reason, Request request) {
    Database present = serving;
    if (present != null) {
      switch (present.submit(request)) {
        case QUEUED -> {
          return null; // It came to serve meanwhile.
        }
        case FULL -> {
          return Busy.queue(present);
        }
        case OVER -> {} // It is about to say what became of it.
      }
    }
    switch (state) {
      case DELETED -> {
        return EngineException.caller("the database was deleted");
      }
      case PAUSED -> {
        return EngineException.caller("the database is paused");
      }
      case FAILED -> {
        Setback last = setback;
        if (last != null && !last.isOver(context.nanoTime().getAsLong())) {
          return last.refusal();
        }
      }
      case ASLEEP, WAKING, SERVING, SLEEPING, FENCED -> {}
    }
    Optional<EngineException> full = waiting.add(reason, request, context.nanoTime().getAsLong());
    if (full.isPresent()) {
      return full.get();
    }
    if (state == DatabaseState.ASLEEP || state == DatabaseState.FAILED) {
      startWake(reason);
    }
    return null;
  }

  /** Keeps what a life has left over, before all that was parked since: that came later. */
  private void handBack(List<Request> requests, EngineException why) {
    lock.lock();
    try {
      boolean kept =
          switch (state) {
            case ASLEEP, WAKING, SERVING, SLEEPING -> true;
            case FENCED, FAILED, PAUSED, DELETED -> false;
          };
      if (kept) {
        waiting.addBefore(requests, context.nanoTime().getAsLong());
        if (state == DatabaseState.ASLEEP && waiting.size() > 0) {
          startWake(WakeReason.MESSAGE);
        }
        return;
      }
    } finally {
      lock.unlock();
    }
    refuse(requests, why);
  }

  /** What one awake life says. Only the life that serves has a say in the state. */
  private final class Life implements DatabaseObserver {
    /** Why it is over, if it broke. Guarded by the lock. */
    private @Nullable Throwable broken;

    @Override
    public void trapped(String function, String detail) {
      System.getLogger("dormouse.database")
          .log(System.Logger.Level.WARNING, "{0} {1}: {2}", key, function, detail);
    }

    @Override
    public void clientFailed(Caller client, RuntimeException cause) {
      System.getLogger("dormouse.database")
          .log(System.Logger.Level.ERROR, "connection " + client + " of " + key + " failed", cause);
    }

    @Override
    public void failed(Throwable cause) {
      lock.lock();
      try {
        broken = cause;
        if (life != this) {
          return; // It does not serve yet, and whoever opens it will see; or not any more.
        }
      } finally {
        lock.unlock();
      }
      Resident.this.failed(this, cause);
    }

    @Override
    public void leftOver(List<Request> requests, EngineException why) {
      handBack(requests, why);
    }
  }

  // ---- wake ----

  private void startWake(WakeReason reason) {
    become(DatabaseState.WAKING);
    WakeTimer timer = new WakeTimer(context, reason);
    if (!wakes.admit(() -> wake(timer))) {
      become(DatabaseState.FAILED);
      become(DatabaseState.ASLEEP);
      List<Request> refused = waiting.takeAll();
      // One that failed was to come back by itself, and who has left will not come again.
      lifeOwed |= setback != null || refused.stream().anyMatch(Leave.class::isInstance);
      if (storedAt.isEmpty() && !unstored) { // Not awake here before: the stores have it all.
        storedAt = OptionalLong.of(context.nanoTime().getAsLong());
      }
      refuse(refused, Busy.wakes(context.limits()));
    }
  }

  private void become(DatabaseState next) {
    if (!state.canBecome(next)) {
      throw new IllegalStateException(state + " cannot become " + next + ", database " + key);
    }
    state = next;
  }

  private void wake(WakeTimer timer) {
    Life begun = new Life();
    @Nullable Database opened = null;
    try {
      opened = new Opening(context).run(key, begun, timer);
      serve(opened, begun, timer);
    } catch (IOException | RuntimeException | Error e) {
      if (opened != null) {
        opened.abort(e); // Nothing of it may stay: the next wake needs its place in the log.
      }
      failed(null, e);
    }
  }

  /**
   * It is being made: requests wait from now on, and nobody else opens it.
   *
   * @return who is to observe it
   */
  DatabaseObserver beginMaking() {
    lock.lock();
    try {
      become(DatabaseState.WAKING);
      return new Life();
    } finally {
      lock.unlock();
    }
  }

  /** A new database serves from its first moment. */
  void serveNew(Database created, DatabaseObserver observer) {
    if (!(observer instanceof Life made)) {
      throw new IllegalArgumentException("not an observer of " + key);
    }
    serve(created, made, null);
  }

  /** It was made, and cannot serve yet: the next request opens it. */
  void notServed(Throwable why) {
    failed(null, why);
  }

  private void serve(Database opened, Life opening, @Nullable WakeTimer timer) {
    List<Caller> connections = opened.connectionsAtOpening();
    Throwable broken;
    lock.lock();
    try {
      if (state == DatabaseState.DELETED) {
        opened.abort(EngineException.caller("the database was deleted"));
        return;
      }
      broken = opening.broken;
      if (broken == null) {
        serve(opened, opening, connections, timer);
        return;
      }
    } finally {
      lock.unlock();
    }
    failed(null, broken);
  }

  private void serve(
      Database opened, Life opening, List<Caller> connections, @Nullable WakeTimer timer) {
    // Asked before they are attached: a socket that is closed meanwhile leaves by its own word,
    // behind what it has asked for. One that was attached would go on calling after its end.
    List<Caller> left =
        connections.stream().filter(caller -> !context.sockets().isOpen(key, caller)).toList();
    // First those who stayed, so that they are told of those who left.
    context.sockets().awake(key, opened);
    left.forEach(caller -> opened.admit(new Leave(caller)));
    lifeOwed = false;
    become(DatabaseState.SERVING);
    life = opening;
    setback = null;
    if (timer != null) {
      timer.done(WakeStep.ATTACH);
      lastWake = timer.finished();
    }
    for (Request request : waiting.takeAll()) {
      if (opened.admit(request) != Submission.QUEUED) {
        request.refuse(EngineException.retry("the database broke as it woke"));
      }
    }
    serving = opened; // Only now, so that nobody overtakes those who waited.
  }

  // ---- sleep ----

  /** Looks at the clock: falls asleep when idle, gives up on what waited too long. */
  void tick(long now) {
    Database present = serving;
    if (present != null && now - present.lastUse() > context.limits().idleAfter().toNanos()) {
      askToSleep(present);
    }
    retryIfDue(now);
    wakeIfOwed();
    refuseOverdue(now);
  }

  /** Too many waited to wake when it was to, for a reason that goes on without anybody asking. */
  private void wakeIfOwed() {
    lock.lock();
    try {
      if (lifeOwed && state == DatabaseState.ASLEEP) {
        startWake(WakeReason.DISCONNECT);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What failed comes back by itself when its cause has gone: nobody need ask for it. */
  private void retryIfDue(long now) {
    lock.lock();
    try {
      Setback last = setback;
      if (state == DatabaseState.FAILED && last != null && last.retries() && last.isOver(now)) {
        startWake(WakeReason.UPKEEP);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether anything of it is in memory, or on its way there or out. */
  boolean isInMemory() {
    return switch (status().state()) {
      case WAKING, SERVING, SLEEPING -> true;
      case ASLEEP, FENCED, FAILED, PAUSED, DELETED -> false;
    };
  }

  /** Falls asleep without having been idle. */
  void sleepNow() {
    Database present = serving;
    if (present != null) {
      askToSleep(present);
    }
  }

  private void askToSleep(Database present) {
    lock.lock();
    try {
      if (sleepAsked || state != DatabaseState.SERVING) {
        return;
      }
      sleepAsked = true;
    } finally {
      lock.unlock();
    }
    FallAsleep wish =
        new FallAsleep(
            new Reply<>() {
              @Override
              public void done(Optional<Rest> rest) {
                answered(rest);
              }

              @Override
              public void refused(EngineException why) {
                answered(Optional.empty());
              }
            });
    if (present.submit(wish) != Submission.QUEUED) {
      answered(Optional.empty());
    }
  }

  private void answered(Optional<Rest> rest) {
    lock.lock();
    try {
      sleepAsked = false;
      if (rest.isEmpty()) {
        return;
      }
      if (state != DatabaseState.SERVING) {
        rest.get().capture().close();
        return;
      }
      become(DatabaseState.SLEEPING);
      Database last = serving;
      lastRun = rest.get().module();
      serving = null;
      life = null;
      restingBytes = rest.get().sizeBytes();
      if (last != null) {
        context.workers().execute(() -> rest(last.context(), rest.get()));
      }
    } finally {
      lock.unlock();
    }
  }

  private void rest(DatabaseContext awake, Rest rest) {
    new Bedding(context).store(awake, rest, () -> asleep(true), this::notStored);
  }

  /**
   * It sleeps all the same, and nobody lost anything: what is not in the stores is in the journal.
   * {@link Upkeep} wakes it to try again.
   */
  private void notStored(Throwable failure) {
    if (failure instanceof IOException || failure instanceof EngineException) {
      System.getLogger("dormouse.database")
          .log(System.Logger.Level.WARNING, "database " + key + " sleeps unstored", failure);
      asleep(false);
    } else {
      failed(null, failure);
    }
  }

  private void asleep(boolean stored) {
    lock.lock();
    try {
      if (state != DatabaseState.SLEEPING) {
        return; // It was deleted meanwhile.
      }
      become(DatabaseState.ASLEEP);
      unstored = !stored;
      storedAt = stored ? OptionalLong.of(context.nanoTime().getAsLong()) : OptionalLong.empty();
      Optional<WakeReason> owed = waiting.reason();
      if (owed.isPresent()) {
        startWake(owed.get());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether it sleeps and not all of that could be stored. */
  boolean isUnstored() {
    lock.lock();
    try {
      return state == DatabaseState.ASLEEP && unstored;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Since when it sleeps, in nanoseconds of the node's clock, if all that is known of it is stored
   * as well.
   */
  OptionalLong restingSince() {
    lock.lock();
    try {
      boolean resting = state == DatabaseState.ASLEEP && waiting.size() == 0 && !lifeOwed;
      return resting ? storedAt : OptionalLong.empty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nothing of it is to stay in memory, and so nobody may use it any more.
   *
   * @return false if it does not rest: then nothing has changed
   */
  boolean dismiss() {
    lock.lock();
    try {
      dismissed |= restingSince().isPresent();
      return dismissed;
    } finally {
      lock.unlock();
    }
  }

  // ---- failure ----

  /**
   * It is open no more, or could not be opened.
   *
   * @param broken the life that says so, or null if none serves
   */
  private void failed(@Nullable Life broken, Throwable cause) {
    List<Request> refused;
    Setback next;
    lock.lock();
    try {
      if (state == DatabaseState.DELETED || life != broken) {
        return;
      }
      become(DatabaseState.FAILED);
      serving = null;
      life = null;
      sleepAsked = false;
      next =
          Setback.of(
              cause,
              setback == null ? 0 : setback.inARow(),
              broken == null,
              context.nanoTime().getAsLong(),
              context.limits());
      setback = next;
      refused = waiting.takeAll();
    } finally {
      lock.unlock();
    }
    EngineException why = next.refusal();
    if (next.lacking()) { // Nothing of it is lost, so its sockets stay.
      System.getLogger("dormouse.database")
          .log(System.Logger.Level.WARNING, "database {0} not opened: {1}", key, why.text());
    } else {
      System.getLogger("dormouse.database")
          .log(System.Logger.Level.ERROR, "database " + key + " failed", cause);
      context.sockets().close(key, "module exited");
    }
    refuse(refused, why);
  }

  private void refuseOverdue(long now) {
    List<Request> overdue;
    lock.lock();
    try {
      overdue = waiting.takeOlderThan(now - context.limits().parking().atMost().toNanos());
    } finally {
      lock.unlock();
    }
    refuse(overdue, Busy.tooLate(context.limits()));
  }

  private static void refuse(List<Request> requests, EngineException why) {
    requests.forEach(request -> request.refuse(why));
  }

  // ---- end ----

  /** Ends it for good; what waits is refused. */
  void delete() {
    Database last;
    List<Request> refused;
    lock.lock();
    try {
      if (state == DatabaseState.DELETED) {
        return;
      }
      become(DatabaseState.DELETED);
      last = serving;
      serving = null;
      life = null;
      refused = waiting.takeAll();
    } finally {
      lock.unlock();
    }
    EngineException why = EngineException.caller("the database was deleted");
    if (last != null) {
      last.abort(why);
    }
    context.sockets().close(key, "module exited");
    refuse(refused, why);
  }
}
