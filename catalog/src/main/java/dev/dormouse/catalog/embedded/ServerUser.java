package dev.dormouse.catalog.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** As whom PostgreSQL's programs run: they refuse to run as root. */
sealed interface ServerUser {

  /** The command that runs a program as this user. */
  List<String> command(Path program);

  /** Makes a folder, and what is in it, this user's. */
  void own(Path folder) throws IOException;

  /** This process' user is not root: nothing to do. */
  record Ordinary() implements ServerUser {
    @Override
    public List<String> command(Path program) {
      return List.of(program.toString());
    }

    @Override
    public void own(Path folder) {}
  }

  /**
   * Root outside, somebody else inside a user namespace: files stay root's, and no account is
   * needed but for the name that {@code initdb} looks up.
   */
  record Namespaced(int uid) implements ServerUser {
    @Override
    public List<String> command(Path program) {
      return List.of("unshare", "--user", "--map-user=" + uid, "--", program.toString());
    }

    @Override
    public void own(Path folder) {}
  }

  /** Another account of the system; files are handed over to it. */
  record Switched(int uid, int gid) implements ServerUser {
    @Override
    public List<String> command(Path program) {
      return List.of(
          "setpriv",
          "--reuid=" + uid,
          "--regid=" + gid,
          "--clear-groups",
          "--",
          program.toString());
    }

    @Override
    public void own(Path folder) throws IOException {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.toList()) {
          Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
          Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        }
      }
    }
  }

  /**
   * Chooses for a cluster below the given folder.
   *
   * @param home the folder of everything PostgreSQL; readable by others only if need be
   * @param cluster a cluster made earlier, if there is one: it is run by its owner
   */
  static ServerUser choose(Path home, Optional<Path> cluster, PostgresBinaries binaries)
      throws PostgresStartException {
    try {
      int self = self(home);
      if (self != 0) {
        return ordinary(self, cluster);
      }
      if (cluster.isPresent() && uid(cluster.get()) != 0) {
        return checked(
            new Switched(uid(cluster.get()), gid(cluster.get())),
            home,
            binaries,
            new ArrayList<>());
      }
      return forRoot(home, cluster.isPresent(), binaries);
    } catch (IOException e) {
      throw new PostgresStartException("who owns %s cannot be told: %s".formatted(home, e), e);
    }
  }

  private static ServerUser ordinary(int self, Optional<Path> cluster)
      throws IOException, PostgresStartException {
    if (cluster.isPresent() && uid(cluster.get()) != self) {
      throw new PostgresStartException(
          "%s belongs to user id %d, and this process is user id %d. Start as that user, or choose another folder with --data DIR."
              .formatted(cluster.get(), uid(cluster.get()), self));
    }
    return new Ordinary();
  }

  private static ServerUser forRoot(Path home, boolean clusterIsRoots, PostgresBinaries binaries)
      throws PostgresStartException {
    var tried = new ArrayList<String>();
    Optional<Account> account = Account.unprivileged();
    if (account.isEmpty()) {
      tried.add("/etc/passwd names no account but root");
      throw nobody(home, tried);
    }
    var namespaced = new Namespaced(account.get().uid());
    if (runs(namespaced, binaries, tried)) {
      return namespaced;
    }
    if (clusterIsRoots) {
      throw nobody(home, tried);
    }
    return checked(new Switched(account.get().uid(), account.get().gid()), home, binaries, tried);
  }

  private static ServerUser checked(
      Switched user, Path home, PostgresBinaries binaries, List<String> tried)
      throws PostgresStartException {
    try {
      passable(home);
      passable(home.resolve("..").normalize());
    } catch (IOException e) {
      tried.add("chmod: " + e);
    }
    if (!runs(user, binaries, tried)) {
      throw nobody(home, tried);
    }
    return user;
  }

  /** Others may pass through, and still not list what is in it. */
  private static void passable(Path folder) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
    if (permissions.add(PosixFilePermission.OTHERS_EXECUTE)) {
      Files.setPosixFilePermissions(folder, permissions);
    }
  }

  private static boolean runs(ServerUser user, PostgresBinaries binaries, List<String> tried) {
    try {
      var arguments = new ArrayList<>(user.command(binaries.program("postgres")));
      arguments.add("--version");
      Command.Result result = Command.run(arguments, Command.SHORT);
      if (result.succeeded()) {
        return true;
      }
      tried.add(String.join(" ", arguments) + ": " + result.output().strip());
    } catch (IOException e) {
      tried.add(String.valueOf(e.getMessage()));
    }
    return false;
  }

  private static PostgresStartException nobody(Path home, List<String> tried) {
    return new PostgresStartException(
        "PostgreSQL refuses to run as root, and no other way worked for %s. Do one of three: start Dormouse as an ordinary user; allow user namespaces (`unshare --user`); or let `setpriv` switch to an account that can reach the folder (not below a folder closed to others, such as /root), for instance with --data /var/lib/dormouse. Or configure a PostgreSQL server with dormouse.catalog.url. Tried: %s"
            .formatted(home, String.join("; ", tried)));
  }

  private static int self(Path folder) throws IOException {
    Path probe = Files.createTempFile(folder, "whose", ".probe");
    try {
      return uid(probe);
    } finally {
      Files.delete(probe);
    }
  }

  private static int uid(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid");
  }

  private static int gid(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:gid");
  }

  /** A line of the system's accounts. */
  record Account(String name, int uid, int gid) {
    private static final Path ACCOUNTS = Path.of("/etc/passwd");

    /** Any but root; {@code nobody} or {@code postgres} before others. */
    static Optional<Account> unprivileged() {
      try {
        return Files.readAllLines(ACCOUNTS).stream()
            .map(line -> line.split(":", -1))
            .filter(fields -> fields.length > 3 && fields[2].matches("[1-9][0-9]{0,8}"))
            .map(fields -> new Account(fields[0], Integer.parseInt(fields[2]), group(fields[3])))
            .min(
                Comparator.comparing((Account account) -> !account.name().equals("nobody"))
                    .thenComparing(account -> !account.name().equals("postgres")));
      } catch (IOException unreadable) {
        return Optional.empty();
      }
    }

    private static int group(String field) {
      return field.matches("[0-9]{1,9}") ? Integer.parseInt(field) : 0;
    }
  }
}
