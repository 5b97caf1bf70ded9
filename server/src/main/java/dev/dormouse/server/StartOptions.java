package dev.dormouse.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The options of {@code ./dormouse up}. What is not given comes from the configuration (system
 * property, environment, {@code application.properties}).
 *
 * <p>JDK only: {@link Preflight} runs this class from source before anything is built.
 *
 * @param settings configuration names and values that the options stand for
 */
record StartOptions(Map<String, String> settings) {
  static final String PORT = "quarkus.http.port";
  static final String MANAGEMENT_PORT = "quarkus.management.port";
  static final String HOST = "quarkus.http.host";
  static final String MANAGEMENT_HOST = "quarkus.management.host";
  static final String DATA = "dormouse.data";
  static final String IDLE_AFTER = "dormouse.idle-after";
  static final String ANYONE_MAY_PUBLISH = "dormouse.allow-anyone-to-publish";

  /** Set by {@code ./dormouse build} alone: use everything a little with a module, then stop. */
  static final String TRAIN = "dormouse.train";

  private static final Map<String, String> DEFAULTS =
      Map.of(
          PORT, "3000",
          MANAGEMENT_PORT, "9000",
          HOST, "127.0.0.1",
          MANAGEMENT_HOST, "127.0.0.1",
          DATA, "data");

  StartOptions {
    settings = Map.copyOf(settings);
  }

  /** Reads the command line; what it does not understand is refused with a text for the user. */
  static StartOptions parse(List<String> arguments) throws StartRefused {
    var settings = new TreeMap<String, String>();
    Deque<String> rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      String option = rest.removeFirst();
      int equals = option.indexOf('=');
      if (option.startsWith("--") && equals > 0) {
        rest.addFirst(option.substring(equals + 1));
        option = option.substring(0, equals);
      }
      switch (option) {
        case "--port" -> settings.put(PORT, port(option, value(option, rest)));
        case "--management-port" ->
            settings.put(MANAGEMENT_PORT, port(option, value(option, rest)));
        case "--host" -> settings.put(HOST, value(option, rest));
        case "--data" -> settings.put(DATA, value(option, rest));
        case "--idle-after" ->
            settings.put(IDLE_AFTER, duration(option, value(option, rest)).toString());
        case "--allow-anyone-to-publish" -> settings.put(ANYONE_MAY_PUBLISH, "true");
        case "--train" -> settings.put(TRAIN, value(option, rest));
        default ->
            throw new StartRefused(
                "unknown option `%s`; `./dormouse help` lists them".formatted(option));
      }
    }
    return new StartOptions(settings);
  }

  Path data() {
    return Path.of(effective(DATA)).toAbsolutePath().normalize();
  }

  String host() {
    return effective(HOST);
  }

  String managementHost() {
    return effective(MANAGEMENT_HOST);
  }

  int port() throws StartRefused {
    return Integer.parseInt(port(PORT, effective(PORT)));
  }

  int managementPort() throws StartRefused {
    return Integer.parseInt(port(MANAGEMENT_PORT, effective(MANAGEMENT_PORT)));
  }

  /** Hands the options to the configuration, where they win over environment and file. */
  void publish() {
    settings.forEach(System::setProperty);
  }

  private String effective(String name) {
    return Optional.ofNullable(settings.get(name))
        .or(() -> Optional.ofNullable(System.getProperty(name)))
        .or(() -> Optional.ofNullable(System.getenv(environmentName(name))))
        .orElse(DEFAULTS.getOrDefault(name, ""));
  }

  private static String environmentName(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(java.util.Locale.ROOT);
  }

  private static String value(String option, Deque<String> rest) throws StartRefused {
    if (rest.isEmpty() || rest.peekFirst().isEmpty()) {
      throw new StartRefused("option `%s` needs a value".formatted(option));
    }
    return rest.removeFirst();
  }

  private static String port(String option, String text) throws StartRefused {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65_535) {
        return Integer.toString(port);
      }
    } catch (NumberFormatException notANumber) {
      // Refused below, with the same words as a number out of range.
    }
    throw new StartRefused(
        "`%s` must be a port from 1 to 65535, or 0 for any free one; got `%s`"
            .formatted(option, text));
  }

  /** Reads {@code 500ms}, {@code 3s}, {@code 1m}, {@code 2h}. */
  static Duration duration(String option, String text) throws StartRefused {
    var matcher = java.util.regex.Pattern.compile("([0-9]{1,9})(ms|s|m|h)").matcher(text);
    if (!matcher.matches()) {
      throw new StartRefused(
          "`%s` must be a duration like 500ms, 3s, 1m or 2h; got `%s`".formatted(option, text));
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      default -> Duration.ofHours(count);
    };
  }
}
