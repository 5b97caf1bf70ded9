package dev.dormouse.modulehost;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a guest logged. Time and function are the host's to add. Source: spec module-abi §6.
 *
 * @param level how loud
 * @param target where from, by the guest's own words
 * @param filename source file
 * @param line line in that file, unsigned
 * @param message text, cut at {@link InstanceLimits#logBytesMax()} bytes
 * @param trace for {@link LogLevel#PANIC} the guest's functions, innermost first; else empty
 */
public record LogRecord(
    LogLevel level,
    Optional<String> target,
    Optional<String> filename,
    OptionalInt line,
    String message,
    List<String> trace) {
  public LogRecord {
    trace = List.copyOf(trace);
  }
}
