package dev.dormouse.benchmarks.cases;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM holds after full collections, as {@code jcmd} tells.
 *
 * @param heapBytes bytes of reachable objects
 * @param metaspaceBytes bytes of class data in use
 * @param bytesByClass bytes of live objects by class name as the JVM writes it
 */
record Memory(long heapBytes, long metaspaceBytes, Map<String, Long> bytesByClass) {
  private static final Pattern METASPACE = Pattern.compile("sun\\.gc\\.metaspace\\.used=(\\d+)");
  private static final Pattern CLASS = Pattern.compile("\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+).*");
  private static final int COLLECTIONS = 3;

  /** Collects, then looks. */
  static Memory of(long pid) throws IOException, InterruptedException {
    for (int i = 0; i < COLLECTIONS; i++) {
      jcmd(pid, "GC.run"); // more than one: cleaners and references come due in between
    }
    var byClass = new HashMap<String, Long>();
    long heap = 0;
    for (String line : jcmd(pid, "GC.class_histogram").lines().toList()) {
      Matcher found = CLASS.matcher(line);
      if (found.matches()) {
        long bytes = Long.parseLong(found.group(1));
        byClass.merge(found.group(2), bytes, Long::sum);
        if (!found.group(2).equals("[Ljdk.internal.vm.FillerElement;")) {
          heap += bytes; // fillers are holes that G1 keeps between live objects
        }
      }
    }
    Matcher metaspace = METASPACE.matcher(jcmd(pid, "PerfCounter.print"));
    if (!metaspace.find() || heap == 0) {
      throw new IOException("jcmd told neither heap nor metaspace of process " + pid);
    }
    return new Memory(heap, Long.parseLong(metaspace.group(1)), Map.copyOf(byClass));
  }

  /** The classes that grew most since then, a line each. */
  List<String> growthSince(Memory before, int count) {
    var growth = new HashMap<String, Long>();
    bytesByClass.forEach(
        (name, bytes) -> growth.put(name, bytes - before.bytesByClass.getOrDefault(name, 0L)));
    return growth.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(count)
        .map(entry -> "%12d B  %s".formatted(entry.getValue(), entry.getKey()))
        .toList();
  }

  static String jcmd(long pid, String... words) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    command.add(Long.toString(pid));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + " failed: " + text);
    }
    return text;
  }
}
