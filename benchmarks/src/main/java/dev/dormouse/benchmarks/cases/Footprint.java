package dev.dormouse.benchmarks.cases;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process holds besides its heap, as Linux and {@code jcmd} tell, and what lies in its data
 * folder.
 *
 * @param classes loaded and not unloaded
 * @param codeBytes compiled code and what belongs to it
 * @param residentBytes pages of the process in memory
 * @param threads of the process
 * @param descriptors open files and sockets
 * @param files in the data folder, those of PostgreSQL left out
 * @param fileBytes in them
 * @param postgresBytes in PostgreSQL's folder, its log included
 */
record Footprint(
    long classes,
    long codeBytes,
    long residentBytes,
    long threads,
    long descriptors,
    long files,
    long fileBytes,
    long postgresBytes) {
  private static final Pattern CODE = Pattern.compile("used=(\\d+)Kb");
  private static final Pattern CLASSES =
      Pattern.compile("java\\.cls\\.(?:shared)?(L|l|U|u)(?:oaded|nloaded)Classes=(\\d+)");
  private static final Pattern STATUS = Pattern.compile("(?m)^(VmRSS|Threads):\\s+(\\d+)");

  static Footprint of(long pid, Path data) throws IOException, InterruptedException {
    long code = 0;
    Matcher segment = CODE.matcher(Memory.jcmd(pid, "Compiler.codecache"));
    while (segment.find()) {
      code += Long.parseLong(segment.group(1)) << 10;
    }
    long classes = 0;
    Matcher counter = CLASSES.matcher(Memory.jcmd(pid, "PerfCounter.print"));
    while (counter.find()) {
      long loaded = Long.parseLong(counter.group(2));
      classes += counter.group(1).equalsIgnoreCase("l") ? loaded : -loaded;
    }
    long resident = 0;
    long threads = 0;
    Matcher line = STATUS.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
    while (line.find()) {
      long value = Long.parseLong(line.group(2));
      if (line.group(1).equals("Threads")) {
        threads = value;
      } else {
        resident = value << 10;
      }
    }
    Path postgres = data.resolve("postgres");
    long bytes = 0;
    long files = 0;
    long postgresBytes = 0;
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        long length = path.toFile().length(); // 0 if it has gone meanwhile
        if (path.startsWith(postgres)) {
          postgresBytes += length;
        } else {
          files++;
          bytes += length;
        }
      }
    }
    return new Footprint(
        classes, code, resident, threads, descriptors(pid), files, bytes, postgresBytes);
  }

  private static long descriptors(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return open.count();
    }
  }

  String text() {
    return "%d classes, code %.1f MiB, resident %.0f MiB, %d threads, %d descriptors; %d files of %.1f MiB, PostgreSQL %.1f MiB"
        .formatted(
            classes,
            mib(codeBytes),
            mib(residentBytes),
            threads,
            descriptors,
            files,
            mib(fileBytes),
            mib(postgresBytes));
  }

  private static double mib(long bytes) {
    return bytes / 1024.0 / 1024.0;
  }
}
