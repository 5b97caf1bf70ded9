package dev.dormouse.runtimenode.logs;

import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.modulehost.LogRecord;
import java.nio.charset.StandardCharsets;

/** One log line as JSON, its keys in the order of the spec. Source: spec module-abi §6. */
final class LogLine {
  private final StringBuilder text = new StringBuilder(160);

  private LogLine() {}

  /** UTF-8, ended by a newline. */
  static byte[] encode(long timestampMicros, String function, LogRecord line) {
    return new LogLine().write(timestampMicros, function, line).getBytes(StandardCharsets.UTF_8);
  }

  private String write(long timestampMicros, String function, LogRecord line) {
    text.append("{\"level\":\"").append(line.level().label()).append("\",\"ts\":");
    text.append(timestampMicros);
    line.target().ifPresent(target -> field("target", target));
    line.filename().ifPresent(filename -> field("filename", filename));
    line.line()
        .ifPresent(
            number -> text.append(",\"line_number\":").append(Integer.toUnsignedLong(number)));
    if (!function.isEmpty()) {
      field("function", function);
    }
    field("message", line.message());
    if (line.level() == LogLevel.PANIC) {
      text.append(",\"trace\":[");
      for (int i = 0; i < line.trace().size(); i++) {
        text.append(i == 0 ? "" : ",").append("{\"func_name\":");
        string(line.trace().get(i));
        text.append('}');
      }
      text.append(']');
    }
    return text.append("}\n").toString();
  }

  private void field(String name, String value) {
    text.append(",\"").append(name).append("\":");
    string(value);
  }

  private void string(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < 0x20) {
            text.append("\\u00").append(Character.forDigit(c >> 4, 16));
            text.append(Character.forDigit(c & 15, 16));
          } else if (Character.isSurrogate(c)) {
            i = surrogate(value, i);
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /** Copies a pair; half a pair becomes the replacement character. */
  private int surrogate(String value, int at) {
    if (at + 1 < value.length()
        && Character.isSurrogatePair(value.charAt(at), value.charAt(at + 1))) {
      text.append(value, at, at + 2);
      return at + 1;
    }
    text.append('\ufffd');
    return at;
  }
}
