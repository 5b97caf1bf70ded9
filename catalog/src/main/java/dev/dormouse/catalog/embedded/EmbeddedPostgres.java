package dev.dormouse.catalog.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A PostgreSQL server of our own: programs, cluster, password and log in one folder, listening on
 * this machine only, on a free port, with every commit on disk.
 *
 * <p>Whoever starts it must be the only one to use the folder (the node's lock sees to that): a
 * server found running there is a leftover of a process that died, and is stopped.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String USER = "dormouse";
  private static final String PID_FILE = "postmaster.pid";

  /** A pid that PostgreSQL reads and no process has. */
  private static final String NO_PID = Integer.toString(Integer.MAX_VALUE);

  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

  /** Line of the pid file that says how far the server has come. */
  private static final int STATUS_LINE = 7;

  private final EmbeddedLimits limits;
  private final Path log;
  private final PostgresBinaries binaries;
  private final ServerUser user;
  private final Path cluster;
  private final String password;
  private final int port;
  private boolean closed;

  private EmbeddedPostgres(
      EmbeddedLimits limits,
      Path log,
      PostgresBinaries binaries,
      ServerUser user,
      Path cluster,
      String password)
      throws PostgresStartException {
    this.limits = limits;
    this.log = log;
    this.binaries = binaries;
    this.user = user;
    this.cluster = cluster;
    this.password = password;
    this.port = start();
  }

  /**
   * Starts the server of a folder; the first time, unpacks and initialises it.
   *
   * @param folder made if absent; keep it for as long as the data is wanted
   */
  public static EmbeddedPostgres start(Path folder, EmbeddedLimits limits)
      throws PostgresStartException {
    Path home = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(home);
      PostgresBinaries binaries = PostgresBinaries.in(home);
      Path cluster = home.resolve(binaries.majorVersion());
      boolean exists = Files.exists(cluster.resolve("PG_VERSION"));
      ServerUser user =
          ServerUser.choose(home, exists ? Optional.of(cluster) : Optional.empty(), binaries);
      String password = password(home.resolve("password"));
      if (!exists) {
        refuseOtherVersion(home, cluster);
        initialise(cluster, binaries, user, password, limits);
      }
      Path log = home.resolve("postgres.log");
      rotate(log, limits.logBytesMax());
      return new EmbeddedPostgres(limits, log, binaries, user, cluster, password);
    } catch (IOException e) {
      throw new PostgresStartException(
          "the embedded PostgreSQL in %s cannot be started: %s".formatted(home, e), e);
    }
  }

  /** Where it listens. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  /** The superuser of the cluster. */
  public String user() {
    return USER;
  }

  /** The superuser's password. */
  public String password() {
    return password;
  }

  /**
   * Starts it again on its port, if it has died. To be called every now and then.
   *
   * @return whether it had died and accepts connections again; false also where it runs
   * @throws PostgresStartException if it does not start; the next call tries again
   */
  public synchronized boolean revive() throws PostgresStartException {
    try {
      List<String> pidFile = pidFile();
      if (closed || (!pidFile.isEmpty() && isOurs(pidFile.getFirst()))) {
        return false;
      }
      // The pid file of a dead server stays: by it the new one sees whether the dead one's backends
      // still run, and refuses to start beside them. Only if its pid is another program's by now
      // that would never end.
      if (!pidFile.isEmpty() && isAlive(pidFile.getFirst())) {
        Files.deleteIfExists(cluster.resolve(PID_FILE));
      }
      String output = start(port);
      if (!accepting()) {
        throw new PostgresStartException(
            "the embedded PostgreSQL died and does not start: %s %s"
                .formatted(output.strip(), tail()));
      }
      return true;
    } catch (IOException e) {
      throw new PostgresStartException(
          "the embedded PostgreSQL died and cannot be started: " + e, e);
    }
  }

  private static boolean isAlive(String pid) {
    try {
      return ProcessHandle.of(Long.parseLong(pid.strip()))
          .filter(ProcessHandle::isAlive)
          .isPresent();
    } catch (NumberFormatException notAPid) {
      return false;
    }
  }

  /** Stops it, ending connections; returns when it is down and its data is on disk. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (!stop("fast")) {
      throw new IOException(
          "PostgreSQL did not stop within %s; see %s".formatted(limits.stopMax(), log));
    }
  }

  private static void initialise(
      Path cluster,
      PostgresBinaries binaries,
      ServerUser user,
      String password,
      EmbeddedLimits limits)
      throws IOException, PostgresStartException {
    Path unfinished = cluster.resolveSibling(cluster.getFileName() + ".initialising");
    Path passwordFile = cluster.resolveSibling("password.initialising");
    PostgresBinaries.delete(unfinished);
    Files.createDirectory(unfinished, ownerOnly("rwx------"));
    Files.deleteIfExists(passwordFile);
    Files.createFile(passwordFile, ownerOnly("rw-------"));
    Files.writeString(passwordFile, password);
    user.own(unfinished);
    user.own(passwordFile);
    var command = new ArrayList<>(user.command(binaries.program("initdb")));
    command.addAll(
        List.of(
            "--pgdata=" + unfinished,
            "--username=" + USER,
            "--pwfile=" + passwordFile,
            "--auth=scram-sha-256",
            "--set=scram_iterations=1", // they slow down guessing; the password is 192 random bits
            "--encoding=UTF8",
            "--no-locale",
            "--data-checksums"));
    Command.Result result = Command.run(command, limits.initMax());
    Files.deleteIfExists(passwordFile);
    if (!result.succeeded()) {
      throw new PostgresStartException("PostgreSQL's initdb failed: " + result.output().strip());
    }
    Files.move(unfinished, cluster, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void refuseOtherVersion(Path home, Path cluster)
      throws IOException, PostgresStartException {
    try (var folders = Files.newDirectoryStream(home, "[0-9]*")) {
      for (Path other : folders) {
        if (Files.exists(other.resolve("PG_VERSION"))) {
          throw new PostgresStartException(
              "%s was made by PostgreSQL %s and this build brings version %s. Carry the data over with pg_upgrade or with dump and restore, or start the earlier build."
                  .formatted(other, other.getFileName(), cluster.getFileName()));
        }
      }
    }
  }

  private int start() throws PostgresStartException {
    try {
      stopLeftover();
      String output = "";
      for (int attempt = 0; attempt < limits.portAttempts(); attempt++) {
        int free = freePort();
        output = start(free);
        if (accepting()) {
          return free;
        }
        stop("immediate");
      }
      throw new PostgresStartException(
          "the embedded PostgreSQL did not start: %s %s".formatted(output.strip(), tail()));
    } catch (IOException e) {
      throw new PostgresStartException("the embedded PostgreSQL cannot be started: " + e, e);
    }
  }

  private String start(int onPort) throws IOException {
    var command = new ArrayList<>(user.command(binaries.program("pg_ctl")));
    command.addAll(
        List.of(
            "start",
            "--no-wait",
            "--silent",
            "--pgdata=" + cluster,
            "--log=" + log,
            "--options=" + String.join(" ", settings(onPort))));
    prepareLog();
    return Command.run(command, limits.startMax()).output();
  }

  /** Only words without blanks or quotes: {@code pg_ctl} hands them to a shell. */
  private List<String> settings(int onPort) {
    return List.of(
        "-p " + onPort,
        "-c listen_addresses=127.0.0.1",
        "-c unix_socket_directories=",
        "-c fsync=on",
        "-c synchronous_commit=on",
        "-c full_page_writes=on",
        "-c shared_buffers=" + limits.sharedBuffersMegabytes() + "MB",
        "-c max_connections=" + limits.connectionsMax(),
        "-c io_method=sync", // no worker processes for a small catalog
        "-c wal_level=minimal",
        "-c max_wal_senders=0",
        "-c max_logical_replication_workers=0",
        "-c max_wal_size=256MB",
        "-c jit=off",
        "-c log_checkpoints=off",
        "-c log_min_messages=warning");
  }

  /** Waits until the pid file says ready; false if the server ended instead. */
  private boolean accepting() throws IOException, PostgresStartException {
    long deadline = System.nanoTime() + limits.startMax().toNanos();
    long grace = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (System.nanoTime() < deadline) {
      List<String> pidFile = pidFile();
      boolean running = !pidFile.isEmpty() && isOurs(pidFile.getFirst());
      if (running
          && pidFile.size() > STATUS_LINE
          && pidFile.get(STATUS_LINE).strip().equals("ready")) {
        return true;
      }
      if (!running && System.nanoTime() > grace) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new PostgresStartException(
        "the embedded PostgreSQL was not ready within %s: %s".formatted(limits.startMax(), tail()));
  }

  /** The lock of the node's folder is ours, so a server still running here has lost its node. */
  private void stopLeftover() throws IOException, PostgresStartException {
    List<String> pidFile = pidFile();
    if (pidFile.isEmpty()) {
      return;
    }
    String pid = pidFile.getFirst();
    if (!isOurs(pid)) {
      nameNobody(pidFile);
    } else if (!stop("fast") && !stop("immediate")) {
      throw new PostgresStartException(
          "a PostgreSQL left over from an earlier start (process %s, folder %s) does not stop. Stop it with `kill %s`, then start again."
              .formatted(pid, cluster, pid));
    }
  }

  /**
   * Lets the pid file of a server that was killed name no process. The file itself must stay: with
   * it PostgreSQL finds out by itself whether anything of that server still uses the cluster, and
   * refuses to start then. But it also refuses if the pid has gone to another process meanwhile, as
   * it does in containers, where pids are few.
   */
  private void nameNobody(List<String> pidFile) throws IOException {
    List<String> lines = new ArrayList<>(pidFile);
    lines.set(0, NO_PID);
    Files.write(cluster.resolve(PID_FILE), lines, StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** True when the server is down. Its last act is to remove the pid file. */
  private boolean stop(String mode) throws IOException {
    Path pidFile = cluster.resolve(PID_FILE);
    if (!Files.exists(pidFile)) {
      return true;
    }
    var command = new ArrayList<>(user.command(binaries.program("pg_ctl")));
    command.addAll(
        List.of("stop", "--no-wait", "--silent", "--mode=" + mode, "--pgdata=" + cluster));
    Command.run(command, limits.stopMax());
    long deadline = System.nanoTime() + limits.stopMax().toNanos();
    while (System.nanoTime() < deadline) {
      List<String> lines = pidFile();
      if (lines.isEmpty() || !isOurs(lines.getFirst())) {
        return true;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return false;
  }

  private List<String> pidFile() throws IOException {
    try {
      return Files.readAllLines(cluster.resolve(PID_FILE));
    } catch (java.nio.file.NoSuchFileException absent) {
      return List.of();
    }
  }

  /**
   * Whether the process runs a server on this cluster. A pid alone proves nothing: it may belong to
   * another program by now, or to a server that ended and was not reaped.
   */
  private boolean isOurs(String pid) {
    try {
      return ProcessHandle.of(Long.parseLong(pid.strip()))
          .flatMap(process -> process.info().commandLine())
          .filter(line -> line.contains("postgres") && line.contains(cluster.toString()))
          .isPresent();
    } catch (NumberFormatException notAPid) {
      return false;
    }
  }

  private void prepareLog() throws IOException {
    if (!Files.exists(log)) {
      Files.createFile(log, ownerOnly("rw-------"));
      user.own(log);
    }
  }

  private String tail() throws IOException {
    if (!Files.exists(log)) {
      return "(no log)";
    }
    List<String> lines = Files.readAllLines(log);
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
  }

  private static void rotate(Path log, long bytesMax) throws IOException {
    if (Files.exists(log) && Files.size(log) > bytesMax) {
      Files.move(
          log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Made once, before the cluster that is locked with it. */
  private static String password(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] secret = new byte[24];
      new SecureRandom().nextBytes(secret);
      Path unfinished = file.resolveSibling("password.new");
      Files.deleteIfExists(unfinished);
      Files.createFile(unfinished, ownerOnly("rw-------"));
      Files.writeString(unfinished, HexFormat.of().formatHex(secret));
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file, StandardCharsets.US_ASCII).strip();
  }

  private static java.nio.file.attribute.FileAttribute<?> ownerOnly(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}
