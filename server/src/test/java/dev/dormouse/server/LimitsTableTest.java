package dev.dormouse.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tables of limits in {@code docs/limits.md} and in the README are what the {@code …Limits}
 * records say: their defaults, and the {@code @param} lines of their Javadoc. With {@code
 * -Dlimits.write=true} both are written anew.
 */
final class LimitsTableTest {
  private static final Path ROOT = root();
  private static final Path TABLES = ROOT.resolve("docs/limits.md");
  private static final Path README = ROOT.resolve("README.md");
  private static final String BEGIN = "<!-- limits: written by LimitsTableTest -->\n";
  private static final String END = "<!-- end of limits -->";

  /** What the defaults that depend on the machine are shown for. */
  private static final long HEAP = 4L << 30;

  private static final long DESCRIPTORS = 1L << 20;
  private static final int CORES = 4;

  /** Not part of what runs. */
  private static final List<String> TOOLS = List.of("benchmarks", "simulation", "conformance");

  /** What a developer of modules and clients meets, in the order of the README. */
  private static final List<String> MET =
      List.of(
          "CompileLimits.programBytesMax",
          "InstanceLimits.memoryBytesMax",
          "DatabaseLimits.callCpu",
          "DatabaseLimits.argumentBytes",
          "DatastoreLimits.rowBytesMax",
          "DatastoreLimits.overlayBytesMax",
          "DatastoreLimits.liveBytesMax",
          "QueryLimits.textBytesMax",
          "DatabaseLimits.sqlRows",
          "DatabaseLimits.sqlResultBytes",
          "DatabaseLimits.sqlTime",
          "SubscriptionLimits.setsPerSubscriberMax",
          "SubscriptionLimits.queriesPerSetMax",
          "SubscriptionLimits.initialBytesMax",
          "ProtocolLimits.messageBytesMax",
          "SocketLimits.inFlight",
          "SocketLimits.outgoingBytes",
          "HttpLimits.bodyBytesMax",
          "ResidenceLimits.idleAfter");

  private record Row(String name, String value, String meaning) {
    String markdown() {
      return "| %s | %s | %s |\n".formatted(name, value, meaning.replace("|", "\\|"));
    }
  }

  private record Table(String module, String type, String meaning, List<Row> rows) {}

  @Test
  void theTableOfAllLimitsIsTheRecords() throws IOException, ReflectiveOperationException {
    StringBuilder text =
        new StringBuilder(
            """
            # Limits

            Every queue, message, row, loop and wait has a limit with a name. These are the defaults, by
            module and record; the records' Javadoc is where the meanings come from. Written by
            `LimitsTableTest`, which fails if it is out of date; `-Dlimits.write=true` writes it anew.
            What depends on the machine is shown for a heap of 4 GiB and 4 cores.
            """);
    String module = "";
    for (Table table : tables()) {
      if (!table.module.equals(module)) {
        module = table.module;
        text.append("\n## ").append(module).append('\n');
      }
      text.append("\n### ").append(table.type).append("\n\n").append(table.meaning);
      text.append("\n\n| limit | default | meaning |\n|---|---|---|\n");
      table.rows.forEach(row -> text.append(row.markdown()));
    }
    check(TABLES, text.toString());
  }

  @Test
  void theReadmeHasWhatADeveloperMeets() throws IOException, ReflectiveOperationException {
    Map<String, Row> all = new TreeMap<>();
    for (Table table : tables()) {
      table.rows.forEach(row -> all.put(table.type + "." + row.name.replace("`", ""), row));
    }
    StringBuilder rows = new StringBuilder("| limit | default | what |\n|---|---|---|\n");
    for (String met : MET) {
      Row row = Optional.ofNullable(all.get(met)).orElseThrow(() -> new AssertionError(met));
      rows.append(new Row("`" + met + "`", row.value, row.meaning).markdown());
    }
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN);
    int end = readme.indexOf(END);
    assertTrue(begin >= 0 && end > begin, "the README has no place for limits");
    check(README, readme.substring(0, begin + BEGIN.length()) + rows + readme.substring(end));
  }

  private static void check(Path file, String expected) throws IOException {
    if (Boolean.getBoolean("limits.write")) {
      Files.writeString(file, expected);
    }
    assertEquals(
        expected,
        Files.exists(file) ? Files.readString(file) : "",
        file.getFileName() + " is not what the records say; -Dlimits.write=true writes it anew");
  }

  // ---- from sources and classes to tables ----

  private static List<Table> tables() throws IOException, ReflectiveOperationException {
    List<Path> sources;
    try (Stream<Path> files = Files.walk(ROOT)) {
      sources =
          files
              .filter(file -> file.getFileName().toString().endsWith("Limits.java"))
              .filter(file -> file.toString().contains("src/main/java"))
              .filter(file -> !TOOLS.contains(ROOT.relativize(file).getName(0).toString()))
              .sorted(Comparator.comparing(Path::toString))
              .toList();
    }
    List<Table> tables = new ArrayList<>();
    for (Path source : sources) {
      String relative = ROOT.relativize(source).toString();
      String module = relative.substring(0, relative.indexOf("/src/main/java/"));
      String type =
          relative
              .substring(relative.indexOf("/src/main/java/") + "/src/main/java/".length())
              .replace(".java", "")
              .replace('/', '.');
      Class<?> record = Class.forName(type);
      String java = Files.readString(source);
      List<Row> rows = new ArrayList<>();
      rows("", defaults(record, HEAP), defaults(record, 2 * HEAP), java, rows);
      tables.add(
          new Table(
              module,
              record.getSimpleName(),
              plain(javadoc(java, record.getSimpleName()).replaceAll("(?s)@param .*", "")),
              rows));
    }
    assertTrue(tables.size() > 15, "found " + tables.size() + " records of limits");
    return tables;
  }

  private static void rows(
      String prefix, Object limits, Object ofLargerHeap, String java, List<Row> rows)
      throws ReflectiveOperationException {
    Map<String, String> meanings = meanings(java, limits.getClass().getSimpleName());
    for (RecordComponent component : limits.getClass().getRecordComponents()) {
      Object value = value(component, limits);
      Object larger = value(component, ofLargerHeap);
      String name = prefix + component.getName();
      String meaning = meanings.getOrDefault(component.getName(), "");
      assertTrue(!meaning.isEmpty(), limits.getClass() + "." + name + " has no @param");
      if (value instanceof Record part && part.getClass().isMemberClass()) {
        rows(name + ".", part, larger, java, rows);
      } else if (value instanceof Record part) {
        rows.add(new Row("`" + name + "`", part.getClass().getSimpleName(), meaning));
      } else {
        String shown = Humans.show(component.getName(), value);
        rows.add(
            new Row(
                "`" + name + "`",
                value.equals(larger) ? shown : shown + ", rises with the heap",
                meaning));
      }
    }
  }

  private static Object value(RecordComponent component, Object of)
      throws ReflectiveOperationException {
    Method accessor = component.getAccessor();
    accessor.setAccessible(true);
    return accessor.invoke(of);
  }

  /** The defaults of a record: a constant or a factory of one of the names that are in use. */
  private static Object defaults(Class<?> record, long heap) throws ReflectiveOperationException {
    for (Method method : record.getDeclaredMethods()) {
      if (!Modifier.isStatic(method.getModifiers()) || method.getReturnType() != record) {
        continue;
      }
      List<Class<?>> parameters = Arrays.asList(method.getParameterTypes());
      if (method.getName().equals("standard") && parameters.equals(List.of(long.class))) {
        return method.invoke(null, heap);
      }
      if (method.getName().equals("standard")
          && parameters.equals(List.of(long.class, long.class))) {
        return method.invoke(null, heap, DESCRIPTORS);
      }
      if (method.getName().equals("forCores")) {
        return method.invoke(null, CORES);
      }
    }
    for (Field field : record.getDeclaredFields()) {
      if (List.of("DEFAULT", "DEFAULTS", "STANDARD").contains(field.getName())) {
        return field.get(null);
      }
    }
    return record.getMethod("standard").invoke(null);
  }

  // ---- from Javadoc to text ----

  /** The Javadoc right before a record, without its stars. */
  private static String javadoc(String java, String record) {
    Matcher head = Pattern.compile("(?:public )?record " + record + "\\(").matcher(java);
    assertTrue(head.find(), record);
    int begin = java.lastIndexOf("/**", head.start());
    int end = java.indexOf("*/", begin);
    assertTrue(begin >= 0 && end < head.start(), record + " has no Javadoc");
    return java.substring(begin + 3, end).replaceAll("(?m)^\\s*\\* ?", "").strip();
  }

  private static Map<String, String> meanings(String java, String record) {
    Map<String, String> meanings = new TreeMap<>();
    Matcher parameter =
        Pattern.compile("@param (\\w+)\\s+(.*?)(?=@param|\\z)", Pattern.DOTALL)
            .matcher(javadoc(java, record));
    while (parameter.find()) {
      meanings.put(parameter.group(1), plain(parameter.group(2)));
    }
    return meanings;
  }

  private static String plain(String javadoc) {
    return javadoc
        .replaceAll("\\{@link\\s+#([^}]*)}", "`$1`")
        .replaceAll("\\{@(?:code|link)\\s+([^}]*)}", "`$1`")
        .replaceAll("</?p>", "")
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("docs/spec"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("run the tests inside the repository");
    }
    return folder;
  }

  /** Figures as people write them. */
  private static final class Humans {
    /** Not those of {@code byteSources}. */
    private static final Pattern BYTE_COUNT = Pattern.compile("[bB]ytes([A-Z]|$)");

    private static final String[] BYTES = {"bytes", "KiB", "MiB", "GiB"};

    private Humans() {}

    static String show(String name, Object value) {
      if (value instanceof java.time.Duration time) {
        return time(time.toMillis());
      }
      if (!(value instanceof Number number)) {
        throw new AssertionError(name + " is " + value);
      }
      long count = number.longValue();
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.endsWith("megabytes")) {
        return count + " MB";
      }
      if (lower.contains("bytespersecond")) {
        return bytes(count) + "/s";
      }
      return BYTE_COUNT.matcher(name).find()
          ? bytes(count)
          : String.format(Locale.ROOT, "%,d", count);
    }

    private static String bytes(long count) {
      long units = count;
      int unit = 0;
      while (unit < BYTES.length - 1 && units != 0 && units % 1024 == 0) {
        units /= 1024;
        unit++;
      }
      return String.format(Locale.ROOT, "%,d %s", units, BYTES[unit]);
    }

    private static String time(long millis) {
      long[] sizes = {86_400_000, 3_600_000, 60_000, 1_000};
      String[] names = {"d", "h", "min", "s"};
      for (int i = 0; i < sizes.length; i++) {
        if (millis != 0 && millis % sizes[i] == 0) {
          return millis / sizes[i] + " " + names[i];
        }
      }
      return millis + " ms";
    }
  }
}
