package dev.dormouse.benchmarks.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/** One run: prepare, connect, warm up, measure, drain, verify. */
public final class Load {
  private static final long SECOND = 1_000_000_000;
  private static final long GLANCE = 5_000_000;

  private final Options options;
  private final List<LoadThread> threads = new ArrayList<>();
  private final List<Thread> running = new ArrayList<>();
  private final List<Double> cpuNanosPerCall = new ArrayList<>();

  private Load(Options options) {
    this.options = options;
  }

  /** Runs as the options say. Throws if the server cannot be used or a thread fails. */
  public static Report run(Options options) throws IOException, InterruptedException {
    Optional<Balances> before = Optional.empty();
    if (options.publish().isPresent() || options.seedBalance().isPresent() || options.verify()) {
      try (var api = new Api(options.url(), options.token(), LoadLimits.STANDARD.requestWait())) {
        if (options.publish().isPresent()) {
          api.publish(options.database(), Files.readAllBytes(options.publish().get()));
        }
        if (options.seedBalance().isPresent()) {
          api.call(
              options.database(),
              "seed",
              "[%d,%d]".formatted(options.accounts(), options.seedBalance().getAsLong()));
        }
        if (options.verify()) {
          before = Optional.of(Balances.read(api, options.database()));
        }
      }
    }
    Report report = new Load(options).measure();
    if (before.isEmpty()) {
      return report;
    }
    try (var api = new Api(options.url(), options.token(), LoadLimits.STANDARD.requestWait())) {
      return report.with(new Report.Money(before.get(), Balances.read(api, options.database())));
    }
  }

  private Report measure() throws IOException, InterruptedException {
    try {
      connect();
      return phases();
    } finally {
      for (LoadThread thread : threads) {
        thread.enter(Phase.OVER);
      }
      for (Thread thread : running) {
        thread.join();
      }
      for (LoadThread thread : threads) {
        thread.close();
      }
    }
  }

  private void connect() throws IOException {
    var random = new SplittableRandom(options.randomSeed());
    Accounts accounts =
        options.zipf()
            ? new Accounts.Zipf(options.accounts())
            : new Accounts.Uniform(options.accounts());
    for (int i = 0; i < options.threads(); i++) {
      Calls calls =
          options.chat()
              ? new ChatMessages("Hello from the load generator")
              : new Transfers(accounts, random.split());
      threads.add(new LoadThread(options, calls, share(options.calls(), i)));
    }
    for (int i = 0; i < options.connections(); i++) {
      threads.get(i % threads.size()).add(Handshake.open(options), options);
    }
    for (LoadThread thread : threads) {
      running.add(Thread.ofPlatform().name("load").start(thread));
    }
    await(
        LoadLimits.STANDARD.connectWait(),
        Tally::connectedCount,
        options.connections(),
        "connections");
  }

  private long share(OptionalLong calls, int thread) {
    if (calls.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long all = calls.getAsLong();
    return all / options.threads() + (thread < all % options.threads() ? 1 : 0);
  }

  private Report phases() throws IOException {
    enter(options.warmUp().isZero() ? Phase.MEASURING : Phase.WARMING_UP);
    if (!options.warmUp().isZero()) {
      pass(System.nanoTime() + options.warmUp().toNanos());
      enter(Phase.MEASURING);
    }
    Map<String, Long> threadsBefore = serverThreads();
    long cpuBefore = serverCpu();
    long ownBefore = ownCpu();
    long settledBefore = sum(Tally::settled);
    long from = System.nanoTime();
    seconds(from);
    long nanos = System.nanoTime() - from;
    long measured = sum(Tally::settled) - settledBefore;
    long ownAfter = ownCpu();
    long cpuAfter = serverCpu();
    Map<String, Long> threadsAfter = serverThreads();
    long rss = server().isPresent() ? server().get().residentBytes() : 0;
    enter(Phase.DRAINING);
    long drainFrom = System.nanoTime();
    drain(drainFrom + LoadLimits.STANDARD.drainWait().toNanos());
    long drained = System.nanoTime() - drainFrom;

    var latencies = new Histogram();
    threads.forEach(thread -> latencies.add(thread.tally().latencies));
    var byThread = new TreeMap<String, Long>();
    threadsAfter.forEach(
        (name, cpu) -> byThread.put(name, cpu - threadsBefore.getOrDefault(name, 0L)));
    return new Report(
        options,
        measured,
        nanos,
        latencies,
        sum(Tally::ok),
        sum(Tally::reducerErrors),
        sum(Tally::internalErrors),
        sum(Tally::sent) - sum(Tally::settled),
        sum(Tally::strangers),
        drained,
        ownAfter - ownBefore,
        cpuAfter - cpuBefore,
        List.copyOf(cpuNanosPerCall),
        byThread,
        rss,
        threads.stream()
            .map(thread -> thread.tally().firstInternalError())
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse(""),
        Optional.empty());
  }

  /** Waits for the measured time, looking at the server once a second. */
  private void seconds(long from) throws IOException {
    long end = from + options.duration().toNanos();
    long cpu = serverCpu();
    long settled = sum(Tally::settled);
    for (long next = from + SECOND; ; next += SECOND) {
      boolean more = pass(Math.min(next, end));
      long cpuNow = serverCpu();
      long settledNow = sum(Tally::settled);
      if (next <= end && settledNow > settled && more) {
        cpuNanosPerCall.add((double) (cpuNow - cpu) / (settledNow - settled));
      }
      cpu = cpuNow;
      settled = settledNow;
      if (next >= end || !more) {
        return;
      }
    }
  }

  /** Waits until then; false if all calls of a limited run have their results before. */
  private boolean pass(long until) {
    while (System.nanoTime() < until) {
      check();
      if (options.calls().isPresent() && sum(Tally::settled) >= options.calls().getAsLong()) {
        return false;
      }
      LockSupport.parkNanos(Math.min(GLANCE, until - System.nanoTime()));
    }
    return true;
  }

  private void drain(long until) {
    while (running.stream().anyMatch(Thread::isAlive) && System.nanoTime() < until) {
      check();
      LockSupport.parkNanos(GLANCE);
    }
  }

  private void await(Duration wait, ToLongFunction<Tally> count, long wanted, String what) {
    long until = System.nanoTime() + wait.toNanos();
    while (sum(count) < wanted) {
      check();
      if (System.nanoTime() > until) {
        throw new IllegalStateException(
            "%d of %d %s after %s".formatted(sum(count), wanted, what, wait));
      }
      LockSupport.parkNanos(GLANCE);
    }
  }

  private void check() {
    for (LoadThread thread : threads) {
      if (!thread.failure().isEmpty()) {
        throw new IllegalStateException(thread.failure());
      }
    }
  }

  private void enter(Phase phase) {
    threads.forEach(thread -> thread.enter(phase));
  }

  private long sum(ToLongFunction<Tally> count) {
    return threads.stream().mapToLong(thread -> count.applyAsLong(thread.tally())).sum();
  }

  private Optional<ServerProcess> server() {
    return options.serverPid().isPresent()
        ? Optional.of(new ServerProcess(options.serverPid().getAsLong()))
        : Optional.empty();
  }

  private long serverCpu() throws IOException {
    return server().isPresent() ? server().get().cpuNanos() : 0;
  }

  private Map<String, Long> serverThreads() throws IOException {
    return server().isPresent() ? server().get().cpuNanosByThread() : Map.of();
  }

  private static long ownCpu() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }
}
