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
import dev.dormouse.catalog.NamedDatabase;
import dev.dormouse.catalog.NewDatabase;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Optional;

/**
 * Which databases there are, whose they are, and what they are called: the catalog, with what was
 * found kept in memory, since every request asks. Thread safe; blocks when it has to ask.
 *
 * <p>What is kept is dropped after every change made through this object, whether it succeeded or
 * not; on a single node that is every change.
 */
public final class Directory {
  private final Catalog catalog;
  private final KeptAnswers<Identity, Registered> databases;
  private final KeptAnswers<String, Identity> identities;

  /** The directory of a catalog. */
  public Directory(Catalog catalog, DirectoryLimits limits) {
    this.catalog = catalog;
    this.databases = new KeptAnswers<>(limits.databases());
    this.identities = new KeptAnswers<>(limits.names());
  }

  /** The database with an identity, unless it was deleted. */
  public Optional<Registered> find(Identity database) {
    return databases.find(
        database, key -> catalog.databases().find(key).map(Directory::registered));
  }

  /** What is kept in memory of a database; asks nobody. */
  public Optional<Registered> findKept(Identity database) {
    return databases.kept(database);
  }

  /** The identity kept in memory for a name; asks nobody. */
  public Optional<Identity> identityKept(String name) {
    return identities.kept(name);
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
    return identities.find(name, key -> named(key).map(NamedDatabase::identity));
  }

  /** What a name stands for, whose database is kept too: who asks for a name asks for it next. */
  private Optional<NamedDatabase> named(String name) {
    long before = databases.changes();
    Optional<NamedDatabase> named = catalog.names().resolve(new DomainName(name));
    named
        .flatMap(NamedDatabase::database)
        .ifPresent(record -> databases.keep(record.identity(), registered(record), before));
    return named;
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
    try {
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
    } finally {
      databases.forget(key.database());
      name.ifPresent(identities::forget);
    }
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
    try {
      return catalog
          .databases()
          .startGeneration(
              next.database(),
              previous.generation().id(),
              next.generation().id(),
              module(program),
              GenerationCause.CLEARED)
          .isPresent();
    } finally {
      databases.forget(next.database());
    }
  }

  /** A database is about to run a program: its log and its snapshots may name it from now on. */
  public void know(Uploaded program) {
    catalog.databases().knowModule(module(program));
  }

  /** A database runs another program. */
  public void setProgram(DatabaseKey key, Uploaded program) {
    try {
      catalog.databases().updateModule(key.database(), key.generation().id(), module(program));
    } finally {
      databases.forget(key.database());
    }
  }

  /** A database is gone; its names stay and still stand for its identity. */
  public DeleteOutcome delete(Identity database) {
    try {
      return catalog.databases().delete(database);
    } finally {
      databases.forget(database);
    }
  }

  /** Adds a name. */
  public NameOutcome addName(Identity database, Identity caller, String name) {
    try {
      return catalog.names().add(database, new DomainName(name), caller);
    } finally {
      identities.forget(name);
    }
  }

  /** Replaces all names, all or nothing. */
  public NameOutcome setNames(Identity database, Identity caller, List<String> names) {
    try {
      return catalog
          .names()
          .replace(database, names.stream().map(DomainName::new).toList(), caller);
    } finally {
      identities.forgetAll();
    }
  }

  /** Locks or unlocks a database against delete and reset. */
  public void setLocked(Identity database, boolean locked) {
    try {
      catalog.databases().setLocked(database, locked);
    } finally {
      databases.forget(database);
    }
  }
}
