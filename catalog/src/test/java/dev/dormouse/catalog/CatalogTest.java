package dev.dormouse.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.database.Caller;
import dev.dormouse.residence.SleepRecord;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestCatalog.class)
final class CatalogTest {
  private final TestCatalog.Running running;
  private final Databases databases;
  private final Names names;

  CatalogTest(TestCatalog.Running running) {
    this.running = running;
    this.databases = running.catalog().databases();
    this.names = running.catalog().names();
  }

  @Test
  void aCreatedDatabaseIsFoundByIdentityNameAndOwner() {
    Identity owner = fresh();
    DomainName name = freshName();
    var wanted =
        new NewDatabase(
            fresh(),
            owner,
            Optional.of(name),
            UUID.randomUUID(),
            module("one"),
            Optional.of(Duration.ofSeconds(3)));

    var created = assertInstanceOf(CreateOutcome.Created.class, databases.create(wanted));

    DatabaseRecord database = created.database();
    assertEquals(Optional.of(database), databases.find(wanted.identity()));
    assertEquals(wanted.identity(), database.identity());
    assertEquals(owner, database.owner());
    assertEquals(wanted.identity(), database.lineage());
    assertEquals(wanted.generation(), database.generation());
    assertEquals(module("one").hash(), database.module());
    assertEquals(module("one").hash(), database.initialModule());
    assertEquals(HostType.WASM, database.hostType());
    assertEquals(DatabaseRecord.State.ACTIVE, database.state());
    assertEquals(Optional.of(Duration.ofSeconds(3)), database.idleAfter());
    assertEquals(Optional.of(wanted.identity()), identityOf(name));
    assertEquals(List.of(name), names.of(wanted.identity()));
    assertEquals(Optional.of(owner), names.namespaceOwner(name));
    assertEquals(List.of(wanted.identity()), databases.ownedBy(owner));
    assertEquals(Optional.of(module("one")), databases.module(module("one").hash()));
  }

  @Test
  void whatDoesNotExistIsAbsent() {
    assertEquals(Optional.empty(), databases.find(fresh()));
    assertEquals(Optional.empty(), identityOf(freshName()));
    assertEquals(List.of(), names.of(fresh()));
    assertEquals(List.of(), databases.ownedBy(fresh()));
    assertEquals(Optional.empty(), databases.setLocked(fresh(), true));
    assertEquals(DeleteOutcome.ABSENT, databases.delete(fresh()));
    assertEquals(new NameOutcome.NoSuchDatabase(), names.add(fresh(), freshName(), fresh()));
    assertEquals(
        new NameOutcome.NoSuchDatabase(), names.replace(fresh(), List.of(freshName()), fresh()));
  }

  private Optional<Identity> identityOf(DomainName name) {
    return names.resolve(name).map(NamedDatabase::identity);
  }

  @Test
  void aNameLeadsToItsDatabaseUntilThatIsDeleted() {
    DomainName name = freshName();
    DatabaseRecord database = create(fresh(), Optional.of(name));
    assertEquals(
        Optional.of(new NamedDatabase(database.identity(), Optional.of(database))),
        names.resolve(name));

    assertEquals(DeleteOutcome.DELETED, databases.delete(database.identity()));
    assertEquals(
        Optional.of(new NamedDatabase(database.identity(), Optional.empty())), names.resolve(name));
    assertEquals(Optional.empty(), names.resolve(freshName()));
  }

  @Test
  void creatingTwiceLeavesTheFirst() {
    DatabaseRecord first = create(fresh(), Optional.empty());
    var again = newDatabase(first.identity(), fresh(), Optional.of(freshName()));
    assertEquals(new CreateOutcome.AlreadyExists(first), databases.create(again));
    assertEquals(Optional.empty(), identityOf(again.name().orElseThrow()));
  }

  @Test
  void aRefusedCreationLeavesNoTrace() {
    DomainName name = freshName();
    DatabaseRecord holder = create(fresh(), Optional.of(name));

    var sameOwner = newDatabase(fresh(), holder.owner(), Optional.of(name));
    assertEquals(new CreateOutcome.NameTaken(name, holder.identity()), databases.create(sameOwner));
    var stranger =
        newDatabase(fresh(), fresh(), Optional.of(new DomainName(name.text() + "/below")));
    assertEquals(
        new CreateOutcome.NamespaceTaken(stranger.name().orElseThrow()),
        databases.create(stranger));

    assertEquals(Optional.empty(), databases.find(sameOwner.identity()));
    assertEquals(Optional.empty(), databases.find(stranger.identity()));
    assertEquals(List.of(name), names.of(holder.identity()));
  }

  @Test
  void aDeletedDatabaseKeepsItsNameAndComesBackUnderItsIdentity() {
    DomainName name = freshName();
    DatabaseRecord first = create(fresh(), Optional.of(name));

    assertEquals(DeleteOutcome.DELETED, databases.delete(first.identity()));
    assertEquals(Optional.empty(), databases.find(first.identity()));
    assertEquals(List.of(), databases.ownedBy(first.owner()));
    assertEquals(Optional.of(first.identity()), identityOf(name));
    assertEquals(DeleteOutcome.ABSENT, databases.delete(first.identity()));

    Identity other = fresh();
    var again = newDatabase(identityOf(name).orElseThrow(), other, Optional.empty());
    var created = assertInstanceOf(CreateOutcome.Created.class, databases.create(again));
    assertEquals(other, created.database().owner());
    assertEquals(again.generation(), created.database().generation());
    assertEquals(List.of(name), names.of(first.identity()));
  }

  @Test
  void aLockedDatabaseIsNeitherDeletedNorCleared() {
    DatabaseRecord database = create(fresh(), Optional.empty());
    assertTrue(databases.setLocked(database.identity(), true).orElseThrow().locked());
    assertEquals(DeleteOutcome.LOCKED, databases.delete(database.identity()));
    assertEquals(
        Optional.empty(),
        databases.startGeneration(
            database.identity(),
            database.generation(),
            UUID.randomUUID(),
            module("two"),
            GenerationCause.CLEARED));
    databases.setLocked(database.identity(), false);
    assertEquals(DeleteOutcome.DELETED, databases.delete(database.identity()));
  }

  @Test
  void anUpdateChangesTheProgramAndKeepsTheLife() {
    DatabaseRecord database = create(fresh(), Optional.empty());
    var updated =
        databases
            .updateModule(database.identity(), database.generation(), module("two"))
            .orElseThrow();
    assertEquals(module("two").hash(), updated.module());
    assertEquals(database.initialModule(), updated.initialModule());
    assertEquals(database.generation(), updated.generation());
    assertEquals(
        Optional.empty(),
        databases.updateModule(database.identity(), UUID.randomUUID(), module("one")));
  }

  @Test
  void aSleepTellsWhatIsRunIfThePublishCouldNot() {
    DatabaseRecord database = create(fresh(), Optional.empty());
    databases.knowModule(module("two"));
    SessionOwnership session = running.catalog().beginSession("node", UUID.randomUUID());
    var key = new DatabaseKey(database.identity(), new Generation(database.generation()));
    SleepRecord sleep =
        new SleepRecord(
            key, session.take(key).epoch(), module("two").hash(), 5, 7_000, 900, List.of());

    session.slept(sleep);

    assertEquals(module("two").hash(), databases.find(database.identity()).orElseThrow().module());
    assertEquals(Optional.of(sleep), session.lastSleep(key));
    DatabaseKey awake = new DatabaseKey(fresh(), key.generation());
    DatabaseKey formerLife = new DatabaseKey(key.database(), new Generation(UUID.randomUUID()));
    assertEquals(Map.of(key, sleep.lastOffset()), session.sleptAt(List.of(awake, formerLife, key)));
    assertEquals(Map.of(), session.sleptAt(List.of()));
    assertEquals(Optional.of(sleep), session.take(key).lastSleep());
  }

  @Test
  void whoFellAsleepWithConnectionsOrHasASnapshotOfWhichNoSleepTellsIsLeftBehind()
      throws Exception {
    SessionOwnership first = running.catalog().beginSession("node", UUID.randomUUID());
    DatabaseKey held = key(create(fresh(), Optional.empty()));
    DatabaseKey alone = key(create(fresh(), Optional.empty()));
    DatabaseKey captured = key(create(fresh(), Optional.empty()));
    DatabaseKey neverSlept = key(create(fresh(), Optional.empty()));
    DatabaseKey deleted = key(create(fresh(), Optional.empty()));
    DatabaseKey formerLife = key(create(fresh(), Optional.empty()));
    sleep(first, held, 5, List.of(new Caller(fresh(), new ConnectionId(1, 7))));
    sleep(first, alone, 5, List.of());
    sleep(first, captured, 5, List.of());
    manifest(alone, 5);
    manifest(captured, 5);
    manifest(captured, 6);
    for (DatabaseKey each : List.of(neverSlept, deleted, formerLife)) {
      manifest(each, 0);
    }
    databases.delete(deleted.database());
    databases.startGeneration(
        formerLife.database(),
        formerLife.generation().id(),
        UUID.randomUUID(),
        module("one"),
        GenerationCause.CLEARED);
    Set<DatabaseKey> all = Set.of(held, alone, captured, neverSlept, deleted, formerLife);

    assertEquals(Set.of(captured, neverSlept), leftBehind(first, all));
    SessionOwnership next = running.catalog().beginSession("node", UUID.randomUUID());
    assertEquals(Set.of(held, captured, neverSlept), leftBehind(next, all));
    sleep(next, held, 7, List.of());
    sleep(next, captured, 6, List.of());
    assertEquals(Set.of(neverSlept), leftBehind(next, all));
  }

  private static Set<DatabaseKey> leftBehind(SessionOwnership session, Set<DatabaseKey> among) {
    return session.leftBehind().stream().filter(among::contains).collect(Collectors.toSet());
  }

  private static void sleep(
      SessionOwnership session, DatabaseKey key, long lastOffset, List<Caller> connections) {
    Epoch epoch = session.take(key).epoch();
    session.slept(
        new SleepRecord(key, epoch, module("one").hash(), lastOffset, 7_000, 900, connections));
  }

  private void manifest(DatabaseKey key, long offset) throws SQLException {
    try (var connection =
            DriverManager.getConnection(
                running.address().jdbcUrl(),
                running.address().username(),
                running.address().password());
        var sql = connection.createStatement()) {
      sql.execute(
          """
          INSERT INTO manifests (database, generation, lineage, epoch, tx_offset, timestamp_micros,
                                 module, state_bytes, body)
          SELECT identity, generation, lineage, 1, %d, 0, module, 0, '\\x' FROM databases
           WHERE identity = decode('%s', 'hex')
          """
              .formatted(offset, key.database().toHex()));
    }
  }

  private static DatabaseKey key(DatabaseRecord database) {
    return new DatabaseKey(database.identity(), new Generation(database.generation()));
  }

  @Test
  void ofTwoThatBeginANewLifeOneIsTold() {
    DatabaseRecord database = create(fresh(), Optional.empty());
    UUID next = UUID.randomUUID();
    var cleared =
        databases
            .startGeneration(
                database.identity(),
                database.generation(),
                next,
                module("two"),
                GenerationCause.CLEARED)
            .orElseThrow();
    assertEquals(next, cleared.generation());
    assertEquals(module("two").hash(), cleared.initialModule());
    assertEquals(
        Optional.empty(),
        databases.startGeneration(
            database.identity(),
            database.generation(),
            UUID.randomUUID(),
            module("one"),
            GenerationCause.RESTORED));
  }

  @Test
  void pausedAndIdleTimeAreKept() {
    Identity database = create(fresh(), Optional.empty()).identity();
    databases.setState(database, DatabaseRecord.State.PAUSED);
    databases.setIdleAfter(database, Optional.of(Duration.ofMinutes(1)));
    DatabaseRecord found = databases.find(database).orElseThrow();
    assertEquals(DatabaseRecord.State.PAUSED, found.state());
    assertEquals(Optional.of(Duration.ofMinutes(1)), found.idleAfter());
    databases.setIdleAfter(database, Optional.empty());
    assertEquals(Optional.empty(), databases.find(database).orElseThrow().idleAfter());
  }

  @Test
  void addingANameRegistersAFreeNamespaceAndRespectsATakenOne() {
    DatabaseRecord database = create(fresh(), Optional.empty());
    Identity caller = fresh();
    DomainName name = freshName();
    assertEquals(new NameOutcome.Named(), names.add(database.identity(), name, caller));
    assertEquals(Optional.of(caller), names.namespaceOwner(name));
    assertEquals(new NameOutcome.NameTaken(name), names.add(database.identity(), name, caller));
    DomainName below = new DomainName(name.text() + "/below");
    assertEquals(
        new NameOutcome.NamespaceTaken(List.of(below)),
        names.add(database.identity(), below, fresh()));
    assertEquals(new NameOutcome.Named(), names.add(database.identity(), below, caller));
    assertEquals(List.of(name, below), names.of(database.identity()));
  }

  @Test
  void replacingNamesIsAllOrNothing() {
    DomainName old = freshName();
    DatabaseRecord database = create(fresh(), Optional.of(old));
    DatabaseRecord other = create(fresh(), Optional.of(freshName()));
    DomainName taken = names.of(other.identity()).getFirst();
    DomainName free = freshName();
    Identity owner = database.owner();

    assertEquals(
        new NameOutcome.NamespaceTaken(List.of(taken)),
        names.replace(database.identity(), List.of(free, taken), owner));
    assertEquals(
        new NameOutcome.NameTaken(old),
        names.replace(database.identity(), List.of(free, old), owner));
    assertEquals(List.of(old), names.of(database.identity()));
    assertEquals(Optional.empty(), names.namespaceOwner(free));

    assertEquals(new NameOutcome.Named(), names.replace(database.identity(), List.of(free), owner));
    assertEquals(List.of(free), names.of(database.identity()));
    assertEquals(Optional.empty(), identityOf(old));
    assertEquals(new NameOutcome.Named(), names.replace(database.identity(), List.of(), owner));
    assertEquals(List.of(), names.of(database.identity()));
  }

  @Test
  void ofManyWhoPublishOneNewNameAtOnceOneGetsIt() throws Exception {
    DomainName name = freshName();
    int publishers = 6;
    var go = new CountDownLatch(1);
    try (var pool = Executors.newFixedThreadPool(publishers)) {
      var all = new ArrayList<Future<CreateOutcome>>();
      for (int i = 0; i < publishers; i++) {
        Identity owner = fresh();
        all.add(
            pool.submit(
                () -> {
                  go.await();
                  return databases.create(newDatabase(fresh(), owner, Optional.of(name)));
                }));
      }
      go.countDown();
      int created = 0;
      for (var outcome : all) {
        switch (outcome.get()) {
          case CreateOutcome.Created(var database) -> {
            created++;
            assertEquals(Optional.of(database.identity()), identityOf(name));
          }
          case CreateOutcome.NamespaceTaken(var refused) -> assertEquals(name, refused);
          case CreateOutcome.NameTaken(var refused, var by) ->
              throw new AssertionError(refused + " has the namespace of " + by);
          case CreateOutcome.AlreadyExists(var database) ->
              throw new AssertionError("identities are fresh, but " + database + " exists");
        }
      }
      assertEquals(1, created);
    }
  }

  @Test
  void aSecondOpeningFindsTheSchemaAndTheData() {
    DatabaseRecord database = create(fresh(), Optional.empty());
    try (var second = Catalog.open(running.address(), CatalogLimits.standard())) {
      assertEquals(Optional.of(database), second.databases().find(database.identity()));
    }
  }

  @Test
  void everyMigrationIsInTheList() throws Exception {
    try (var folder =
        java.nio.file.Files.list(java.nio.file.Path.of("src/main/resources", Schema.FOLDER))) {
      assertEquals(
          folder.map(file -> file.getFileName().toString()).sorted().toList(), Schema.MIGRATIONS);
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsRefusedAndNotABug() {
    var nowhere = new CatalogServer("jdbc:postgresql://127.0.0.1:1/postgres", "x", "y");
    var failure =
        assertThrows(EngineException.class, () -> Catalog.open(nowhere, CatalogLimits.standard()));
    assertTrue(
        failure.code() == EngineException.Code.OPERATOR
            || failure.code() == EngineException.Code.RETRY,
        failure.text());
  }

  @Test
  void aStatementThatWaitsTooLongForALockIsToRetry() throws Exception {
    DatabaseRecord database = create(fresh(), Optional.empty());
    var hasty =
        new CatalogLimits(
            1,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            Duration.ofSeconds(5));
    try (var blocker =
            DriverManager.getConnection(
                running.address().jdbcUrl(),
                running.address().username(),
                running.address().password());
        var lock = blocker.createStatement();
        var second = Catalog.open(running.address(), hasty)) {
      blocker.setAutoCommit(false);
      lock.execute("LOCK TABLE databases IN ACCESS EXCLUSIVE MODE");
      var refused =
          assertThrows(EngineException.class, () -> second.databases().find(database.identity()));
      assertEquals(EngineException.Code.RETRY, refused.code());
      blocker.rollback();
      assertEquals(Optional.of(database), second.databases().find(database.identity()));
    }
  }

  @Test
  void aChunkInUseCannotBeDeleted() throws Exception {
    DatabaseRecord database = create(fresh(), Optional.empty());
    try (var connection =
            DriverManager.getConnection(
                running.address().jdbcUrl(),
                running.address().username(),
                running.address().password());
        var sql = connection.createStatement()) {
      String lineage = "'\\x" + database.identity().toHex() + "'";
      String hash = "'\\x" + "ab".repeat(32) + "'";
      sql.execute("INSERT INTO chunks VALUES (%s, %s, '\\x00', 1)".formatted(lineage, hash));
      sql.execute(
          """
          INSERT INTO manifests (database, generation, lineage, epoch, tx_offset, timestamp_micros,
                                 module, state_bytes, body)
          SELECT identity, generation, lineage, 1, 0, 0, module, 0, '\\x' FROM databases
           WHERE identity = %s
          """
              .formatted(lineage));
      sql.execute(
          """
          INSERT INTO chunk_references SELECT id, 0, lineage, %s FROM manifests
           WHERE database = %s
          """
              .formatted(hash, lineage));
      var refused =
          assertThrows(java.sql.SQLException.class, () -> sql.execute("DELETE FROM chunks"));
      assertEquals("23503", refused.getSQLState());
      sql.execute("DELETE FROM manifests WHERE database = " + lineage);
      assertEquals(1, sql.executeUpdate("DELETE FROM chunks WHERE lineage = " + lineage));
    }
  }

  private DatabaseRecord create(Identity owner, Optional<DomainName> name) {
    var outcome = databases.create(newDatabase(fresh(), owner, name));
    return assertInstanceOf(CreateOutcome.Created.class, outcome).database();
  }

  private static NewDatabase newDatabase(
      Identity identity, Identity owner, Optional<DomainName> name) {
    return new NewDatabase(
        identity, owner, name, UUID.randomUUID(), module("one"), Optional.empty());
  }

  private static ModuleRecord module(String program) {
    byte[] bytes = program.getBytes(StandardCharsets.UTF_8);
    return new ModuleRecord(
        ModuleHash.ofProgram(bytes), HostType.WASM, bytes.length, "programs/" + program);
  }

  /** Tests share one server: each makes up its own identities and names. */
  private static Identity fresh() {
    return Identity.fromClaims("test", UUID.randomUUID().toString());
  }

  private static DomainName freshName() {
    return new DomainName("n" + UUID.randomUUID());
  }
}
