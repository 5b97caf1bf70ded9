package dev.dormouse.benchmarks.load;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one run does.
 *
 * @param url of the server, such as {@code http://127.0.0.1:3000}
 * @param database its name or identity
 * @param token of a caller; without one connections are anonymous, and what must be published or
 *     seeded is so by a fresh identity
 * @param connections WebSockets, spread over {@code threads}
 * @param inFlight calls without a result per connection; a result makes room for the next call
 * @param confirmed whether a result waits until its commit is durable
 * @param chat {@code send_message} of the chat instead of {@code transfer} of the bank
 * @param accounts of the bank
 * @param zipf a few accounts get most of the transfers
 * @param calls stop after this many calls, even before {@code duration}
 * @param serverPid process whose CPU time and memory are reported; needs Linux
 * @param publish module to publish first
 * @param seedBalance open the accounts first, with this balance each
 * @param verify check afterwards that the sum of balances has not changed
 * @param randomSeed of the accounts and amounts
 */
public record Options(
    URI url,
    String database,
    Optional<String> token,
    int connections,
    int inFlight,
    boolean confirmed,
    Protocol protocol,
    boolean chat,
    int accounts,
    boolean zipf,
    Duration warmUp,
    Duration duration,
    OptionalLong calls,
    int threads,
    OptionalLong serverPid,
    Optional<Path> publish,
    OptionalLong seedBalance,
    boolean verify,
    long randomSeed) {

  static final String HELP =
      """
      usage: load [options]
        --url URL               server (default http://127.0.0.1:3000)
        --database NAME         name or identity (default bank)
        --token TOKEN           or --token-file FILE; without: anonymous
        --connections N         WebSockets (default 64)
        --in-flight M           calls in flight per connection (default 96)
        --one                   one call in flight on one connection: a round trip
        --protocol v2|v3        (default v3: calls joined in a frame)
        --confirmed true|false  (default true)
        --chat                  send_message of examples/chat instead of transfer of examples/bank
        --accounts N            of the bank (default 100000)
        --skew uniform|zipf     which accounts (default uniform)
        --warm-up SECONDS       not measured (default 5)
        --duration SECONDS      measured (default 10)
        --calls N               end after N calls
        --threads N             of the generator (default 1)
        --server-pid PID        report CPU time and memory of this process (Linux)
        --publish FILE          publish this module first
        --seed BALANCE          open the accounts first, with this balance each
        --verify                the sum of balances must be unchanged at the end
        --random N              seed of accounts and amounts (default 1)
      """;

  public Options {
    positive("--connections", connections);
    positive("--in-flight", inFlight);
    positive("--threads", threads);
    if (inFlight > LoadLimits.STANDARD.inFlightMax()) {
      throw new IllegalArgumentException(
          "--in-flight %d, limit %d".formatted(inFlight, LoadLimits.STANDARD.inFlightMax()));
    }
    if (accounts < 2) {
      throw new IllegalArgumentException("--accounts must be at least 2, got " + accounts);
    }
    if (threads > connections) {
      throw new IllegalArgumentException(
          "%d threads for %d connections".formatted(threads, connections));
    }
    if (duration.isNegative() || duration.isZero() || warmUp.isNegative()) {
      throw new IllegalArgumentException("--duration must be positive, --warm-up not negative");
    }
  }

  private static void positive(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " must be at least 1, got " + value);
    }
  }

  /** Reads a command line. Throws {@link IllegalArgumentException} naming what is wrong. */
  public static Options parse(String... arguments) throws java.io.IOException {
    var read = new Arguments(arguments);
    boolean one = read.flag("--one");
    Optional<String> token = read.text("--token");
    Optional<String> tokenFile = read.text("--token-file");
    if (token.isEmpty() && tokenFile.isPresent()) {
      token = Optional.of(Files.readString(Path.of(tokenFile.get())).strip());
    }
    var options =
        new Options(
            URI.create(read.text("--url").orElse("http://127.0.0.1:3000")),
            read.text("--database").orElse("bank"),
            token,
            read.number("--connections", one ? 1 : 64),
            read.number("--in-flight", one ? 1 : 96),
            read.choice("--confirmed", "true", "false").equals("true"),
            read.choice("--protocol", "v3", "v2").equals("v3") ? Protocol.V3 : Protocol.V2,
            read.flag("--chat"),
            read.number("--accounts", 100_000),
            read.choice("--skew", "uniform", "zipf").equals("zipf"),
            read.seconds("--warm-up", 5),
            read.seconds("--duration", 10),
            read.optional("--calls"),
            read.number("--threads", 1),
            read.optional("--server-pid"),
            read.text("--publish").map(Path::of),
            read.optional("--seed"),
            read.flag("--verify"),
            read.optional("--random").orElse(1));
    read.end();
    return options;
  }
}
