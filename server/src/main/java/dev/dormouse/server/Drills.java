package dev.dormouse.server;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Faults on purpose, for tests of the real process. Nothing of this is there unless it was asked
 * for by name at the start, which is then said loudly.
 *
 * <pre>
 * dormouse.drill.halt-at = port.method.(before|after)[#n]
 *     the process ends there, as by SIGKILL, at the nth call (the first if none is named), e.g.
 *     SegmentStore.create.after
 * dormouse.drill.armed-by = path
 *     calls count only while there is a file of this name
 * dormouse.drill.clock-offset-file = path
 *     the wall clock is wrong by as many milliseconds as the file says, at any moment
 * </pre>
 */
@Singleton
final class Drills {
  /** What the process ends with where it halts; as if by SIGKILL. */
  static final int HALTED = 137;

  private static final Logger LOG = Logger.getLogger(Drills.class);
  private static final Pattern HALT =
      Pattern.compile("(\\w+)\\.(\\w+)\\.(before|after)(?:#(\\d+))?");

  private final Optional<Halt> halt;
  private final Optional<Path> clockOffset;

  private record Halt(
      String port, String method, boolean before, AtomicInteger callsLeft, Optional<Path> armedBy) {
    static Halt parse(String text, Optional<Path> armedBy) throws StartRefused {
      Matcher matcher = HALT.matcher(text);
      if (!matcher.matches()) {
        throw new StartRefused(
            "dormouse.drill.halt-at must be port.method.before or .after, got `%s`"
                .formatted(text));
      }
      int nth = matcher.group(4) == null ? 1 : Integer.parseInt(matcher.group(4));
      return new Halt(
          matcher.group(1),
          matcher.group(2),
          matcher.group(3).equals("before"),
          new AtomicInteger(nth),
          armedBy);
    }

    void at(String reached, boolean beforeIt) {
      if (beforeIt == before
          && method.equals(reached)
          && (armedBy.isEmpty() || Files.exists(armedBy.get()))
          && callsLeft.decrementAndGet() == 0) {
        System.err.println("drill: halting at " + port + "." + method);
        Runtime.getRuntime().halt(HALTED);
      }
    }
  }

  Drills(
      @ConfigProperty(name = "dormouse.drill.halt-at") Optional<String> haltAt,
      @ConfigProperty(name = "dormouse.drill.armed-by") Optional<Path> armedBy,
      @ConfigProperty(name = "dormouse.drill.clock-offset-file") Optional<Path> clockOffset)
      throws StartRefused {
    this.halt =
        haltAt.isPresent() ? Optional.of(Halt.parse(haltAt.get(), armedBy)) : Optional.empty();
    this.clockOffset = clockOffset;
    if (haltAt.isPresent() || clockOffset.isPresent()) {
      LOG.warnf("A DRILL: this process fails on purpose: %s %s", haltAt, clockOffset);
    }
  }

  /** The wall clock of this process. */
  InstantSource clock() {
    return clockOffset.isEmpty()
        ? InstantSource.system()
        : () -> Instant.now().plus(offset(clockOffset.get()));
  }

  private static Duration offset(Path file) {
    try {
      return Duration.ofMillis(Long.parseLong(Files.readString(file).strip()));
    } catch (IOException e) {
      throw new IllegalStateException("the drill's clock cannot be read: " + e, e);
    }
  }

  /** The port, or one around it that halts the process where it was told to. */
  <T> T around(Class<T> port, T real) {
    return halt.isPresent() && halt.get().port.equals(port.getSimpleName())
        ? port.cast(proxy(port, real, halt.get()))
        : real;
  }

  private static Object proxy(Class<?> port, Object real, Halt halt) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          halt.at(method.getName(), true);
          Object answer;
          try {
            answer = method.invoke(real, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
          }
          halt.at(method.getName(), false);
          // A draft of a snapshot, a file of the log: their steps are steps of the port.
          Class<?> type = method.getReturnType();
          return type.isInterface() && type.getPackage().equals(port.getPackage())
              ? proxy(type, answer, halt)
              : answer;
        };
    return Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler);
  }
}
