package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.residence.Ownership;
import dev.dormouse.residence.SleepRecord;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What lives outside the node's processes: the catalog with its ownerships, and programs. Every
 * call may fail, before or after it has had its effect, and the process may die on either side; but
 * what was said to be stored is.
 */
final class Stores {
  private final Fate fate;
  private final Trace trace;
  private final boolean epochPerTake;
  private final ToLongFunction<DatabaseKey> captured;
  private final Map<DatabaseKey, Registered> databases = new TreeMap<>();
  private final Map<String, byte[]> programs = new TreeMap<>();
  private final Map<String, byte[]> artefacts = new TreeMap<>();

  /**
   * Stores of a world.
   *
   * @param captured the last commit that a stored snapshot of a database holds, -1 for none
   */
  Stores(Fate fate, Trace trace, Conditions conditions, ToLongFunction<DatabaseKey> captured) {
    this.fate = fate;
    this.trace = trace;
    this.epochPerTake = conditions.epochPerTake();
    this.captured = captured;
  }

  private static final class Registered {
    private final Identity owner;
    private Epoch epoch = Ownership.FIRST;
    private long session;
    private Optional<SleepRecord> sleep = Optional.empty();

    Registered(Identity owner) {
      this.owner = owner;
    }
  }

  /** The newest epoch of a database. */
  Epoch epoch(DatabaseKey key) {
    Registered entry = databases.get(key);
    return entry == null ? new Epoch(1) : entry.epoch;
  }

  /** What is remembered of the last sleep of a database. */
  Optional<SleepRecord> sleep(DatabaseKey key) {
    return Optional.ofNullable(databases.get(key)).flatMap(entry -> entry.sleep);
  }

  /** What one session of the node sees of them. */
  Session session(long number) {
    return new Session(number);
  }

  /** The stores in the hands of one process. */
  final class Session implements Ownership, ArtefactStore {
    private final long number;

    private Session(long number) {
      this.number = number;
    }

    private void perhaps(String what) {
      if (fate.fails(what)) {
        throw EngineException.operator(what + " failed: the store is not reachable");
      }
    }

    private void perhapsIo(String what) throws IOException {
      if (fate.fails(what)) {
        throw new IOException(what + " failed: the store is not reachable");
      }
    }

    // ---- the catalog ----

    /** Enters a new database. */
    void register(DatabaseKey key, Identity owner) {
      fate.step("before register");
      perhaps("register");
      databases.put(key, new Registered(owner));
      fate.step("after register");
    }

    /** Removes a database. */
    void unregister(DatabaseKey key) {
      fate.step("before unregister");
      databases.remove(key);
      fate.step("after unregister");
    }

    @Override
    public Owned take(DatabaseKey key) {
      fate.step("before take");
      perhaps("take");
      Registered entry = entry(key);
      if (epochPerTake || entry.session != number) {
        entry.epoch = entry.epoch.next();
        entry.session = number;
      }
      Owned owned = new Owned(entry.epoch, entry.owner, entry.sleep);
      trace.line("taken " + key.generation() + " epoch " + entry.epoch);
      fate.step("after take");
      return owned;
    }

    private Registered entry(DatabaseKey key) {
      Registered entry = databases.get(key);
      if (entry == null) {
        throw EngineException.caller("no database " + key);
      }
      return entry;
    }

    @Override
    public void slept(SleepRecord sleep) {
      fate.step("before slept");
      perhaps("slept");
      Registered entry = entry(sleep.key());
      if (!entry.epoch.equals(sleep.epoch())) {
        fate.violated("slept in epoch " + sleep.epoch() + ", owned in " + entry.epoch);
      }
      entry.sleep = Optional.of(sleep);
      trace.line("slept " + sleep.key().generation() + " at " + sleep.lastOffset());
      fate.step("after slept");
      perhaps("answer to slept");
    }

    @Override
    public void born(DatabaseKey key) {
      fate.step("before born");
      perhaps("born");
      Registered entry = entry(key);
      entry.epoch = FIRST;
      entry.session = number;
      fate.step("after born");
      perhaps("answer to born");
    }

    @Override
    public boolean exists(DatabaseKey key) {
      fate.step("exists");
      perhaps("exists");
      return databases.containsKey(key);
    }

    @Override
    public Map<DatabaseKey, Long> sleptAt(List<DatabaseKey> keys) {
      fate.step("slept at");
      perhaps("slept at");
      Map<DatabaseKey, Long> offsets = new TreeMap<>();
      keys.forEach(key -> sleep(key).ifPresent(sleep -> offsets.put(key, sleep.lastOffset())));
      return offsets;
    }

    @Override
    public Optional<SleepRecord> lastSleep(DatabaseKey key) {
      fate.step("last sleep");
      perhaps("last sleep");
      return Optional.ofNullable(databases.get(key)).flatMap(entry -> entry.sleep);
    }

    @Override
    public List<DatabaseKey> leftBehind() {
      perhaps("left behind");
      List<DatabaseKey> left = new ArrayList<>();
      databases.forEach(
          (key, entry) -> {
            boolean hasConnections =
                entry.sleep.filter(sleep -> !sleep.connections().isEmpty()).isPresent();
            long slept = entry.sleep.map(SleepRecord::lastOffset).orElse(-1L);
            boolean unslept = captured.applyAsLong(key) > slept;
            if (unslept || (entry.session != number && hasConnections)) {
              left.add(key);
            }
          });
      return left;
    }

    // ---- programs ----

    @Override
    public void saveProgram(ModuleHash hash, byte[] program) throws IOException {
      fate.step("before save program");
      perhapsIo("save program");
      programs.putIfAbsent(hash.toHex(), program);
      fate.step("after save program");
    }

    @Override
    public Optional<byte[]> program(ModuleHash hash) throws IOException {
      fate.step("program");
      perhapsIo("program");
      return Optional.ofNullable(programs.get(hash.toHex()));
    }

    @Override
    public void saveArtefact(ModuleHash hash, byte[] artefact) throws IOException {
      fate.step("before save artefact");
      perhapsIo("save artefact");
      artefacts.put(hash.toHex(), artefact);
      fate.step("after save artefact");
    }

    @Override
    public Optional<byte[]> artefact(ModuleHash hash) throws IOException {
      fate.step("artefact");
      perhapsIo("artefact");
      return Optional.ofNullable(artefacts.get(hash.toHex()));
    }

    @Override
    public SweepReport sweep(Set<ModuleHash> needed, Duration age, boolean dryRun) {
      return new SweepReport(0, 0, 0); // Programs do not grow old in this world.
    }
  }
}
