package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.LogRange;
import dev.dormouse.database.Database;
import dev.dormouse.database.DatabaseContext;
import dev.dormouse.database.DatabaseObserver;
import dev.dormouse.database.Look;
import dev.dormouse.database.Program;
import dev.dormouse.database.Reply;
import dev.dormouse.database.Request;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The databases that live on a node: finds, wakes, serves, puts to sleep. Thread safe.
 *
 * <p>Somebody calls {@link #tick} a few times a second. Source: design §2.
 */
public final class Residence {
  private final ResidenceContext context;
  private final WakeQueue wakes;
  private final ConcurrentHashMap<DatabaseKey, Resident> residents = new ConcurrentHashMap<>();
  private final Set<DatabaseKey> forgotten = ConcurrentHashMap.newKeySet();

  public Residence(ResidenceContext context) {
    this.context = context;
    this.wakes = new WakeQueue(context.workers(), context.limits());
  }

  private Resident resident(DatabaseKey key) {
    return residents.computeIfAbsent(key, absent -> new Resident(context, wakes, absent));
  }

  /**
   * Hands a request to a database, waking it if it sleeps. The request is always answered, by the
   * database or by a refusal.
   *
   * @param key a database that exists
   */
  public void submit(DatabaseKey key, WakeReason reason, Request request) {
    Resident present = resident(key);
    while (!present.submit(reason, request)) {
      residents.remove(key, present);
      present = resident(key);
    }
  }

  /** The database if it serves at this moment. */
  public Optional<Database> serving(DatabaseKey key) {
    Resident present = residents.get(key);
    return present == null ? Optional.empty() : present.serving();
  }

  /** What is known without waking it. Blocks, where that is not in memory. */
  public DatabaseStatus status(DatabaseKey key) {
    Resident present = residents.get(key);
    if (present != null) {
      return present.status();
    }
    long bytes = context.ownership().lastSleep(key).map(SleepRecord::sizeBytes).orElse(0L);
    return new DatabaseStatus(DatabaseState.ASLEEP, bytes, Optional.empty(), Optional.empty());
  }

  /** Where it is in its life. */
  public DatabaseState state(DatabaseKey key) {
    Resident present = residents.get(key);
    return present == null ? DatabaseState.ASLEEP : present.status().state();
  }

  /**
   * Makes a database of a program, runs its init reducer, and waits until it is durable; it does
   * not serve before {@link NewDatabase#serve}. Blocks.
   *
   * @throws EngineException if the module fails or the log does; nothing is left of it then
   */
  public NewDatabase create(DatabaseKey key, Identity owner, Program program) {
    Resident resident = resident(key);
    DatabaseObserver observer = resident.beginMaking();
    boolean made = false;
    try {
      DatabaseContext database = context.databases().of(key, Ownership.FIRST, owner);
      Database created = Database.create(database, observer, program, context.logLimits());
      awaitDurable(created);
      made = true;
      return new NewDatabase(resident, observer, created);
    } finally {
      if (!made) {
        delete(key);
      }
    }
  }

  private static void awaitDurable(Database created) {
    CompletableFuture<Long> durable = new CompletableFuture<>();
    created.whenAllDurable(
        new Reply<>() {
          @Override
          public void done(Long offset) {
            durable.complete(offset);
          }

          @Override
          public void refused(EngineException why) {
            durable.completeExceptionally(why);
          }
        });
    try {
      durable.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof EngineException refusal
          ? refusal
          : EngineException.operator("the database was not made durable: " + e.getCause());
    }
  }

  /** A database that is durable and that nobody knows of yet. */
  public final class NewDatabase {
    private final Resident resident;
    private final DatabaseObserver observer;
    private final Database created;

    private NewDatabase(Resident resident, DatabaseObserver observer, Database created) {
      this.resident = resident;
      this.observer = observer;
      this.created = created;
    }

    /**
     * Serves it, once it is in the catalog. Blocks.
     *
     * @throws EngineException if its birth could not be recorded; it is there all the same, and a
     *     later request wakes it
     */
    public void serve() {
      try {
        context.ownership().born(resident.key());
      } catch (RuntimeException e) {
        created.abort(e);
        resident.notServed(e);
        throw e;
      }
      resident.serveNew(created, observer);
    }

    /** Drops it: it did not get into the catalog. */
    public void drop() {
      delete(resident.key());
      created.abort(EngineException.caller("the database was not registered"));
    }
  }

  /** Ends a database for good: its sockets are closed and its log may go. */
  public void delete(DatabaseKey key) {
    Resident gone = residents.remove(key);
    if (gone == null) {
      context.sockets().close(key, "module exited"); // They stay open while it sleeps.
    } else {
      gone.delete();
    }
    forgotten.add(key);
    forgetDeleted();
  }

  /** Lets the log of deleted databases go, once the last of it has been written. */
  private void forgetDeleted() {
    forgotten.removeIf(this::forgetIfDrained);
  }

  private boolean forgetIfDrained(DatabaseKey key) {
    if (!context.journal().isDrained(key)) {
      return false;
    }
    context.journal().forget(key);
    return true;
  }

  /**
   * Wakes what an earlier session of this node left with connections whose sockets died with it, so
   * that their disconnect reducers run now and not at the next visit. To be called once, at start.
   * Blocks for as long as it takes to find them, not to wake them.
   *
   * @return how many are being woken
   */
  public int recover() {
    Set<DatabaseKey> left = new TreeSet<>(context.ownership().leftBehind());
    List<LogRange> ranges = context.journal().unarchived();
    Map<DatabaseKey, Long> slept =
        context.ownership().sleptAt(ranges.stream().map(LogRange::key).distinct().toList());
    for (LogRange range : ranges) {
      // A connection that came after the last sleep is in the log, and only there.
      if (range.last().value() > slept.getOrDefault(range.key(), -1L)) {
        left.add(range.key());
      }
    }
    // Deleted ones, former lives, and births that did not get as far as the catalog.
    // One that is being made has its place in the log; only what had none before it was looked up
    // in the catalog is gone.
    left.removeIf(key -> !context.journal().isDrained(key));
    List<DatabaseKey> gone = left.stream().filter(key -> !context.ownership().exists(key)).toList();
    gone.forEach(context.journal()::forget);
    gone.forEach(left::remove);
    left.forEach(key -> submit(key, WakeReason.START, new Look()));
    return left.size();
  }

  /**
   * Lets idle databases fall asleep, gives up on requests that waited too long, and lets go of
   * those that have slept longest, where there are many.
   */
  public void tick() {
    forgetDeleted();
    long now = context.nanoTime().getAsLong();
    List<Resting> resting = new ArrayList<>();
    for (Resident resident : residents.values()) {
      resident.tick(now);
      resident.restingSince().ifPresent(since -> resting.add(new Resting(resident, now - since)));
    }
    int over = resting.size() - context.limits().kept().sleepers();
    if (over > 0) {
      resting.sort(Comparator.comparingLong(Resting::nanos).reversed());
      resting.subList(0, over).forEach(longest -> dismiss(longest.resident()));
    }
  }

  private record Resting(Resident resident, long nanos) {}

  private void dismiss(Resident resident) {
    if (resident.dismiss()) {
      residents.remove(resident.key(), resident);
    }
  }

  /**
   * Puts everything to sleep, for the end of the node; nobody may submit requests any more. Blocks.
   *
   * @return whether all of it was stored within the time
   */
  public boolean drain(Duration atMost) throws InterruptedException {
    long begun = context.nanoTime().getAsLong();
    while (true) {
      List<Resident> busy = residents.values().stream().filter(Resident::isInMemory).toList();
      if (busy.isEmpty()) {
        return true;
      }
      if (context.nanoTime().getAsLong() - begun > atMost.toNanos()) {
        return false;
      }
      busy.forEach(Resident::sleepNow);
      TimeUnit.MILLISECONDS.sleep(DRAIN_POLL_MILLIS);
    }
  }

  private static final long DRAIN_POLL_MILLIS = 2;

  /** Whether nothing of a database is in memory, nor on its way there or out, nor broken. */
  boolean isAsleep(DatabaseKey key) {
    return state(key) == DatabaseState.ASLEEP;
  }

  /** Those that sleep and whose sleep could not be stored, or not be recorded, in their order. */
  List<DatabaseKey> unstored() {
    return residents.values().stream()
        .filter(Resident::isUnstored)
        .map(Resident::key)
        .sorted()
        .toList();
  }

  /** Of how many something is in memory, be it only that they sleep. */
  int residentCount() {
    return residents.size();
  }

  /**
   * What is run by the databases that are in memory, or sleep unstored, by their own word: the
   * catalog may not have been told of the last publish.
   */
  public Set<ModuleHash> programs() {
    return residents.values().stream()
        .flatMap(each -> each.program().stream())
        .collect(Collectors.toSet());
  }

  /** How many databases are in memory. */
  public int awakeCount() {
    return (int) residents.values().stream().filter(each -> each.serving().isPresent()).count();
  }
}
