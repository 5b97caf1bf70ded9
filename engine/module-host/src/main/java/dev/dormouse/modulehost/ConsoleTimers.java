package dev.dormouse.modulehost;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Named stopwatches of one instance, by handles 1, 2, 3 … Source: spec module-abi §5.5. */
final class ConsoleTimers {
  private record Timer(String name, long startNanos) {}

  private final int timersMax;
  private final List<@Nullable Timer> timers = new ArrayList<>();

  ConsoleTimers(int timersMax) {
    this.timersMax = timersMax;
  }

  /** Starts a timer; its handle. */
  int start(String name, long nowNanos) {
    Timer timer = new Timer(name, nowNanos);
    int slot = timers.indexOf(null);
    if (slot < 0) {
      if (timers.size() == timersMax) {
        throw new HostTrap("more than %d console timers".formatted(timersMax));
      }
      timers.add(timer);
      return timers.size();
    }
    timers.set(slot, timer);
    return slot + 1;
  }

  /** Ends a timer; what to log, or empty if there is no such timer. */
  Optional<String> end(int handle, long nowNanos) {
    if (handle <= 0 || handle > timers.size()) {
      return Optional.empty();
    }
    Timer timer = timers.set(handle - 1, null);
    if (timer == null) {
      return Optional.empty();
    }
    return Optional.of(
        "Timing span "
            + RustText.quoted(timer.name())
            + ": "
            + RustText.duration(nowNanos - timer.startNanos()));
  }
}
