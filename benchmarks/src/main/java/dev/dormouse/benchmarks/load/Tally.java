package dev.dormouse.benchmarks.load;

import java.util.concurrent.atomic.AtomicLong;

/** What one thread has counted. Written by it alone, read by anyone at any time. */
final class Tally {
  private final AtomicLong ok = new AtomicLong();
  private final AtomicLong reducerErrors = new AtomicLong();
  private final AtomicLong internalErrors = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong connected = new AtomicLong();
  private final AtomicLong strangers = new AtomicLong();
  private volatile String firstInternalError = "";

  /** Latencies of the measured phase; for others once the thread has ended. */
  final Histogram latencies = new Histogram();

  void sent(int calls) {
    sent.setRelease(sent.getPlain() + calls);
  }

  void settled(Outcome outcome) {
    add(
        switch (outcome) {
          case OK, OK_EMPTY -> ok;
          case ERROR -> reducerErrors;
          case INTERNAL_ERROR -> internalErrors;
        });
  }

  void internalError(String text) {
    if (firstInternalError.isEmpty()) {
      firstInternalError = text;
    }
  }

  void connected() {
    add(connected);
  }

  /** A result for which no call was waiting: unknown, or a second one. */
  void stranger() {
    add(strangers);
  }

  long ok() {
    return ok.getAcquire();
  }

  long reducerErrors() {
    return reducerErrors.getAcquire();
  }

  long internalErrors() {
    return internalErrors.getAcquire();
  }

  long sent() {
    return sent.getAcquire();
  }

  long settled() {
    return ok() + reducerErrors() + internalErrors();
  }

  long connectedCount() {
    return connected.getAcquire();
  }

  long strangers() {
    return strangers.getAcquire();
  }

  /** What the first internal error said; empty without one. */
  String firstInternalError() {
    return firstInternalError;
  }

  private static void add(AtomicLong counter) {
    counter.setRelease(counter.getPlain() + 1);
  }
}
