package dev.dormouse.catalog.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One cluster through its life: made, stopped, left over, killed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class EmbeddedPostgresTest {
  private static final EmbeddedLimits LIMITS = EmbeddedLimits.standard();

  @TempDir private static Path home;

  private static Optional<EmbeddedPostgres> running = Optional.empty();

  @BeforeAll
  static void start() throws PostgresStartException {
    running = Optional.of(EmbeddedPostgres.start(home, LIMITS));
  }

  @AfterAll
  static void stop() throws IOException {
    if (running.isPresent()) {
      running.get().close();
    }
  }

  @Test
  @Order(1)
  void commitsAreOnDiskAndOnlyThisMachineIsServed() throws SQLException {
    assertEquals("on", setting("fsync"));
    assertEquals("on", setting("synchronous_commit"));
    assertEquals("on", setting("full_page_writes"));
    assertEquals("127.0.0.1", setting("listen_addresses"));
    assertEquals("scram-sha-256", setting("password_encryption"));
    assertEquals("on", setting("data_checksums"));
  }

  @Test
  @Order(2)
  void aWrongPasswordIsRefused() {
    var refused =
        assertThrows(
            SQLException.class,
            () -> DriverManager.getConnection(server().jdbcUrl(), server().user(), "wrong"));
    assertEquals("28P01", refused.getSQLState());
  }

  @Test
  @Order(3)
  void theFoldersAreNamedByVersionAndSecretsAreTheOwnersAlone() throws IOException {
    assertTrue(Files.exists(home.resolve("18/PG_VERSION")));
    assertTrue(Files.isDirectory(home.resolve("binaries-18.6.0/bin")));
    assertEquals(
        "rw-------",
        java.nio.file.attribute.PosixFilePermissions.toString(
            Files.getPosixFilePermissions(home.resolve("password"))));
    assertFalse(Files.exists(home.resolve("password.initialising")));
  }

  @Test
  @Order(4)
  void dataOutlivesAStop() throws Exception {
    sql("CREATE TABLE kept (n int)");
    sql("INSERT INTO kept VALUES (7)");
    server().close();
    running = Optional.of(EmbeddedPostgres.start(home, LIMITS));
    assertEquals("7", query("SELECT n FROM kept"));
  }

  @Test
  @Order(5)
  void aServerLeftOverByAKilledNodeIsStoppedAndNotAdopted() throws Exception {
    String leftOver = pid();
    running = Optional.of(EmbeddedPostgres.start(home, LIMITS));
    assertNotEquals(leftOver, pid());
    assertFalse(
        ProcessHandle.of(Long.parseLong(leftOver))
            .flatMap(process -> process.info().commandLine())
            .filter(line -> line.contains(home.toString()))
            .isPresent());
    assertEquals("7", query("SELECT n FROM kept"));
  }

  @Test
  @Order(6)
  void aPidFileOfAKilledServerIsNoObstacle() throws Exception {
    server().close();
    String own = Long.toString(ProcessHandle.current().pid());
    Files.write(home.resolve("18/postmaster.pid"), List.of(own, home.resolve("18").toString()));
    running = Optional.of(EmbeddedPostgres.start(home, LIMITS));
    assertNotEquals(own, pid());
    assertEquals("7", query("SELECT n FROM kept"));
  }

  /** Its server is dead, and what it served last is not: two servers would destroy the cluster. */
  @Test
  @Order(6)
  void whatIsLeftOfAKilledServerMustEndBeforeAnotherStarts() throws Exception {
    ProcessHandle server = ProcessHandle.of(Long.parseLong(pid())).orElseThrow();
    try (Connection connection = connect();
        var command = connection.createStatement()) {
      ProcessHandle busy;
      try (var rows = command.executeQuery("SELECT pg_backend_pid()")) {
        assertTrue(rows.next());
        busy = ProcessHandle.of(rows.getLong(1)).orElseThrow();
      }
      Thread.ofVirtual().start(() -> burn(command));
      while (!query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'").equals("1")) {
        Thread.onSpinWait();
      }
      assertTrue(server.destroyForcibly());
      server.onExit().join();
      assertTrue(busy.isAlive(), "it does not notice while it computes");
      running = Optional.of(EmbeddedPostgres.start(home, LIMITS));
      assertFalse(busy.isAlive(), "two servers on one cluster");
    }
    assertEquals("7", query("SELECT n FROM kept"));
  }

  /** Computes for some seconds; the connection ends before it does. */
  private static void burn(java.sql.Statement command) {
    try {
      command.execute(
          "DO $$ DECLARE until timestamptz := clock_timestamp() + interval '3 s';"
              + " BEGIN WHILE clock_timestamp() < until LOOP END LOOP; END $$");
    } catch (SQLException serverWasKilled) {
      assertTrue(serverWasKilled.getSQLState().startsWith("08"), serverWasKilled.toString());
    }
  }

  @Test
  @Order(7)
  void anEarlierMajorVersionIsRefusedAndNotTouched() throws Exception {
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    Files.createDirectory(elsewhere.resolve("17"));
    Files.writeString(elsewhere.resolve("17/PG_VERSION"), "17\n");
    Files.createSymbolicLink(elsewhere.resolve("binaries-18.6.0"), home.resolve("binaries-18.6.0"));
    var refused =
        assertThrows(PostgresStartException.class, () -> EmbeddedPostgres.start(elsewhere, LIMITS));
    assertTrue(refused.text().contains("17"), refused.text());
    assertTrue(refused.text().contains("pg_upgrade"), refused.text());
  }

  /** The way that needs no user namespaces: root hands the files to another account. */
  @Test
  @Order(8)
  void rootRunsAClusterAsTheAccountThatOwnsIt() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can hand files over");
    server().close();
    running = Optional.empty();
    var account = ServerUser.Account.unprivileged().orElseThrow();
    new ServerUser.Switched(account.uid(), account.gid()).own(home.resolve("18"));
    new ServerUser.Switched(account.uid(), account.gid()).own(home.resolve("postgres.log"));
    running = Optional.of(EmbeddedPostgres.start(home, LIMITS));
    assertInstanceOf(
        ServerUser.Switched.class,
        ServerUser.choose(home, Optional.of(home.resolve("18")), PostgresBinaries.in(home)));
    assertEquals("7", query("SELECT n FROM kept"));
  }

  private static EmbeddedPostgres server() {
    return running.orElseThrow();
  }

  private static String pid() throws IOException {
    return Files.readAllLines(home.resolve("18/postmaster.pid")).getFirst();
  }

  private static String setting(String name) throws SQLException {
    return query("SELECT setting FROM pg_settings WHERE name = '" + name + "'");
  }

  private static void sql(String statement) throws SQLException {
    try (Connection connection = connect();
        var command = connection.createStatement()) {
      command.execute(statement);
    }
  }

  private static String query(String statement) throws SQLException {
    try (Connection connection = connect();
        var command = connection.createStatement();
        var rows = command.executeQuery(statement)) {
      assertTrue(rows.next());
      return String.valueOf(rows.getString(1));
    }
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection(server().jdbcUrl(), server().user(), server().password());
  }
}
