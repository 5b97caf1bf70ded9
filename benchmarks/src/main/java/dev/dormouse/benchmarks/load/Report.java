package dev.dormouse.benchmarks.load;

import java.util.Comparator;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a run found. Results are those of the whole run, warm-up and drain included; the rest was
 * measured.
 *
 * @param measured results that came in the measured time of {@code nanos}
 * @param missing calls that never got a result
 * @param strangers results that no call waited for
 * @param serverCpuPerCall nanoseconds in each whole second
 * @param serverCpuByThread nanoseconds
 * @param money what became of the sum of balances, if that was asked
 */
public record Report(
    Options options,
    long measured,
    long nanos,
    Histogram latencies,
    long ok,
    long reducerErrors,
    long internalErrors,
    long missing,
    long strangers,
    long drainNanos,
    long ownCpuNanos,
    long serverCpuNanos,
    List<Double> serverCpuPerCall,
    Map<String, Long> serverCpuByThread,
    long serverResidentBytes,
    String firstInternalError,
    Optional<Money> money) {

  private static final int THREADS_SHOWN = 8;

  /** The bank before and after a run. */
  public record Money(Balances before, Balances after) {
    boolean unchanged() {
      return before.equals(after);
    }
  }

  Report with(Money money) {
    return new Report(
        options,
        measured,
        nanos,
        latencies,
        ok,
        reducerErrors,
        internalErrors,
        missing,
        strangers,
        drainNanos,
        ownCpuNanos,
        serverCpuNanos,
        serverCpuPerCall,
        serverCpuByThread,
        serverResidentBytes,
        firstInternalError,
        Optional.of(money));
  }

  /** Whether every call got its one result, and no money was made or lost. */
  public boolean sound() {
    return missing == 0
        && strangers == 0
        && measured > 0
        && money.map(Money::unchanged).orElse(true);
  }

  public double ratePerSecond() {
    return measured * 1e9 / nanos;
  }

  public double serverCpuMicrosPerCall() {
    return micros(serverCpuNanos);
  }

  /** A quantile of the latencies; {@code part} between 0 and 1. */
  public double latencyMillis(double part) {
    return latencies.quantile(part) / 1e6;
  }

  /** Lines of a name and its value. */
  public String text() {
    try (var out = new Formatter(Locale.ROOT)) {
      client(out);
      if (options.serverPid().isPresent()) {
        server(out);
      }
      return out.toString();
    }
  }

  private void client(Formatter out) {
    out.format(
        "run            %s %s %s, %d connections x %d in flight",
        options.chat() ? "send_message" : "transfer",
        options.protocol().name().toLowerCase(Locale.ROOT),
        options.confirmed() ? "confirmed" : "unconfirmed",
        options.connections(),
        options.inFlight());
    if (!options.chat()) {
      out.format(", %s over %d accounts", options.zipf() ? "zipf" : "uniform", options.accounts());
    }
    out.format("%ncalls          %d in %.2f s%n", measured, nanos / 1e9);
    out.format("rate           %.0f /s%n", measured * 1e9 / nanos);
    out.format(
        "latency        p50 %.3f ms, p99 %.3f ms, max %.3f ms%n",
        latencies.quantile(0.5) / 1e6, latencies.quantile(0.99) / 1e6, latencies.max() / 1e6);
    out.format(
        "results        ok %d, reducer error %d, internal error %d (warm-up and drain included)%n",
        ok, reducerErrors, internalErrors);
    if (!firstInternalError.isEmpty()) {
      out.format("internal       %s%n", firstInternalError);
    }
    if (missing == 0 && strangers == 0) {
      out.format("exactly-once   yes, drained in %.3f s%n", drainNanos / 1e9);
    } else {
      out.format(
          "exactly-once   NO: %d missing, %d unknown or repeated, drained in %.3f s%n",
          missing, strangers, drainNanos / 1e9);
    }
    if (money.isPresent()) {
      Money found = money.get();
      out.format(
          "money          %s: %s before, %s after%n",
          found.unchanged() ? "unchanged" : "CHANGED", found.before(), found.after());
    }
    out.format("client-cpu     %.2f us/call%n", micros(ownCpuNanos));
  }

  private void server(Formatter out) {
    out.format("server-cpu     %.2f us/call", micros(serverCpuNanos));
    List<Double> sorted = serverCpuPerCall.stream().sorted().toList();
    if (!sorted.isEmpty()) {
      out.format(
          " (by second: min %.2f, median %.2f, max %.2f)",
          sorted.getFirst() / 1e3, sorted.get(sorted.size() / 2) / 1e3, sorted.getLast() / 1e3);
    }
    out.format("%nserver-rss     %d MiB%n", serverResidentBytes >> 20);
    serverCpuByThread.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(THREADS_SHOWN)
        .forEach(
            entry ->
                out.format(
                    "server-thread  %-16s %.2f us/call%n",
                    entry.getKey(), micros(entry.getValue())));
  }

  private double micros(long cpuNanos) {
    return cpuNanos / 1e3 / Math.max(1, measured);
  }
}
