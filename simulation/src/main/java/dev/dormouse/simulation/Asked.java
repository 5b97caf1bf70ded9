package dev.dormouse.simulation;

import dev.dormouse.database.Reply;
import dev.dormouse.sats.EngineException;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One request of somebody outside, and what became of it: exactly one answer, or none because the
 * process died.
 */
final class Asked<T> implements Reply<T> {
  /** What became of a request. */
  sealed interface End<T> {
    /** It was answered. */
    record Answered<T>(T answer) implements End<T> {}

    /** It was refused, and may or may not have been carried out. */
    record Refused<T>(EngineException why) implements End<T> {}

    /** The process died before it answered. */
    record Lost<T>() implements End<T> {}
  }

  private final String what;
  private final Fate fate;
  private final Thread asker;
  private @Nullable End<T> end;

  /** A request of the calling task. */
  Asked(String what, Fate fate) {
    this.what = what;
    this.fate = fate;
    this.asker = Thread.currentThread();
  }

  @Override
  public void done(T answer) {
    end(new End.Answered<>(answer));
    fate.step("answer");
  }

  @Override
  public void refused(EngineException why) {
    end(new End.Refused<>(why));
    fate.step("refusal");
  }

  private void end(End<T> how) {
    if (end != null) {
      fate.violated(what + " was answered twice: " + end + ", then " + how);
      return;
    }
    end = how;
    LockSupport.unpark(asker);
  }

  /** The process that was asked has died. */
  void lost() {
    if (end == null) {
      end(new End.Lost<>());
    }
  }

  Optional<End<T>> end() {
    return Optional.ofNullable(end);
  }

  /** Waits for the end. */
  End<T> await() {
    End<T> seen = end;
    while (seen == null) {
      LockSupport.park();
      seen = end;
    }
    return seen;
  }

  @Override
  public String toString() {
    return what;
  }
}
