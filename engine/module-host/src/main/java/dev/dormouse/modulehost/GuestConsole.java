package dev.dormouse.modulehost;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What one instance logs and times. Source: spec module-abi §5.5 and §6. */
final class GuestConsole {
  private static final int NO_LINE = -1;

  private final HostCalls host;
  private final FunctionNames names;
  private final ConsoleTimers timers;

  GuestConsole(HostCalls host, FunctionNames names, int timersMax) {
    this.host = host;
    this.names = names;
    this.timers = new ConsoleTimers(timersMax);
  }

  /** Logs a record; a panic gets the guest's stack. */
  void log(
      LogLevel level,
      Optional<String> target,
      Optional<String> filename,
      int line,
      String message) {
    List<String> trace =
        level == LogLevel.PANIC ? names.frames(new Throwable().getStackTrace()) : List.of();
    OptionalInt lineNumber = line == NO_LINE ? OptionalInt.empty() : OptionalInt.of(line);
    host.log(new LogRecord(level, target, filename, lineNumber, message, trace));
  }

  int startTimer(String name) {
    return timers.start(name, host.monotonicNanos());
  }

  /** Whether there was such a timer. */
  boolean endTimer(int handle) {
    Optional<String> message = timers.end(handle, host.monotonicNanos());
    message.ifPresent(
        text -> log(LogLevel.INFO, Optional.empty(), Optional.empty(), NO_LINE, text));
    return message.isPresent();
  }
}
