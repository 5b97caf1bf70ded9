package dev.dormouse.runtimenode.databases;

import dev.dormouse.catalog.Catalog;
import dev.dormouse.catalog.CreateOutcome;
import dev.dormouse.catalog.DatabaseRecord;
import dev.dormouse.catalog.DeleteOutcome;
import dev.dormouse.catalog.DomainName;
import dev.dormouse.catalog.GenerationCause;
import dev.dormouse.catalog.HostType;
import dev.dormouse.catalog.ModuleRecord;
import dev.dormouse.catalog.NameOutcome;
import dev.dormouse.catalog.NewDatabase;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which databases there are, whose they are, and what they are called: the catalog, with what was
 * found kept in memory, since every request asks. Thread safe; blocks when it has to ask.
 *
 * <p>What is kept is dropped by every change made through this object, which on a single node is
 * every change.
 */
public final class Directory {
  /** Entries kept of each kind; at the limit all are dropped. */
  static final int KEPT_MAX = 100_000;

  private final Catalog catalog;
  private final ConcurrentHashMap<Identity, Registered> databases = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Identity> identities = new ConcurrentHashMap<>();

  /** The directory of a catalog. */
  public Directory(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The database with an identity, unless it was deleted. */
  public Optional<Registered> find(Identity database) {
    Registered kept = databases.get(database);
    if (kept != null) {
      return Optional.of(kept);
    }
    Optional<Registered> found = catalog.databases().find(database).map(Directory::registered);
    if (found.isPresent()) {
      if (databases.size() >= KEPT_MAX) {
        databases.clear();
      }
      databases.put(database, found.get());
    }
    return found;
  }

  /** What is kept in memory of a database; asks nobody. */
  public Optional<Registered> findKept(Identity database) {
    return Optional.ofNullable(databases.get(database));
  }

  /** The identity kept in memory for a name; asks nobody. */
  public Optional<Identity> identityKept(String name) {
    return Optional.ofNullable(identities.get(name));
  }

  private static Registered registered(DatabaseRecord record) {
    return new Registered(
        new DatabaseKey(record.identity(), new Generation(record.generation())),
        record.owner(),
        record.initialModule(),
        record.module(),
        record.locked());
  }

  /** The identity that a name stands for, whether there is a database of it or not. */
  public Optional<Identity> identityOf(String name) {
    Identity kept = identities.get(name);
    if (kept != null) {
      return Optional.of(kept);
    }
    Optional<Identity> found = catalog.names().resolve(new DomainName(name));
    if (found.isPresent()) {
      if (identities.size() >= KEPT_MAX) {
        identities.clear();
      }
      identities.put(name, found.get());
    }
    return found;
  }

  /** The names of an identity, oldest first; only those that can stand in a path. */
  public List<String> namesOf(Identity database) {
    return catalog.names().of(database).stream()
        .filter(DomainName::isDatabaseName)
        .map(DomainName::text)
        .toList();
  }

  /** Takes a new database up, with its name if it is to have one; all or nothing. */
  public CreateOutcome register(
      DatabaseKey key, Identity owner, Uploaded program, Optional<String> name) {
    forget(key.database());
    return catalog
        .databases()
        .create(
            new NewDatabase(
                key.database(),
                owner,
                name.map(DomainName::new),
                key.generation().id(),
                module(program),
                Optional.empty()));
  }

  private static ModuleRecord module(Uploaded program) {
    return new ModuleRecord(
        program.program().hash(),
        HostType.WASM,
        program.bytes(),
        "programs/" + program.program().hash().toHex());
  }

  /**
   * A database begins a new life with a program.
   *
   * @return false if it is gone, locked, or began another life meanwhile
   */
  public boolean startGeneration(DatabaseKey previous, DatabaseKey next, Uploaded program) {
    boolean started =
        catalog
            .databases()
            .startGeneration(
                next.database(),
                previous.generation().id(),
                next.generation().id(),
                module(program),
                GenerationCause.CLEARED)
            .isPresent();
    forget(next.database());
    return started;
  }

  /** A database runs another program. */
  public void setProgram(DatabaseKey key, Uploaded program) {
    catalog.databases().updateModule(key.database(), key.generation().id(), module(program));
    forget(key.database());
  }

  /** A database is gone; its names stay and still stand for its identity. */
  public DeleteOutcome delete(Identity database) {
    DeleteOutcome outcome = catalog.databases().delete(database);
    forget(database);
    return outcome;
  }

  /** Adds a name. */
  public NameOutcome addName(Identity database, Identity caller, String name) {
    identities.remove(name);
    return catalog.names().add(database, new DomainName(name), caller);
  }

  /** Replaces all names, all or nothing. */
  public NameOutcome setNames(Identity database, Identity caller, List<String> names) {
    NameOutcome outcome =
        catalog.names().replace(database, names.stream().map(DomainName::new).toList(), caller);
    identities.clear();
    return outcome;
  }

  /** Locks or unlocks a database against delete and reset. */
  public void setLocked(Identity database, boolean locked) {
    catalog.databases().setLocked(database, locked);
    forget(database);
  }

  private void forget(Identity database) {
    databases.remove(database);
  }
}
