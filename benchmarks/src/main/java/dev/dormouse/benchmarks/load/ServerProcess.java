package dev.dormouse.benchmarks.load;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What Linux tells of a process: {@code /proc/<pid>}, see proc(5). */
public record ServerProcess(long pid) {
  /** Of {@code getconf CLK_TCK}, which Linux has fixed at 100 for user space. */
  private static final long NANOS_PER_TICK = 10_000_000;

  /**
   * User and system time of all its threads, ended ones included; nanoseconds in steps of 10 ms.
   */
  public long cpuNanos() throws IOException {
    return ticks(Files.readString(Path.of("/proc", Long.toString(pid), "stat"))) * NANOS_PER_TICK;
  }

  /** Memory in use (RSS), in bytes. */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }

  /** CPU time in nanoseconds by the name of living threads, digits in names left out. */
  Map<String, Long> cpuNanosByThread() throws IOException {
    var times = new TreeMap<String, Long>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks) {
        stat(task)
            .ifPresent(
                stat -> {
                  String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
                  times.merge(
                      name.replaceAll("\\d+", "N"), ticks(stat) * NANOS_PER_TICK, Long::sum);
                });
      }
    }
    return times;
  }

  /** Empty if the thread has ended meanwhile. */
  private static Optional<String> stat(Path task) throws IOException {
    try {
      return Optional.of(Files.readString(task.resolve("stat")));
    } catch (IOException e) {
      if (Files.exists(task)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Fields 14 and 15, counted behind the name, which may hold anything. */
  private static long ticks(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }
}
