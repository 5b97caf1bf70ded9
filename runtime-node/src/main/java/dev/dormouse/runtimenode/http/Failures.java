package dev.dormouse.runtimenode.http;

import dev.dormouse.auth.AuthFailure;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** What failures say to a caller. Source: spec http-api §1. */
final class Failures {
  private static final int CHAIN_MAX = 16;
  private static final Logger LOG = Logger.getLogger(Failures.class);

  /** How often answers that an operator must act on are logged, whatever they are. */
  private static final Duration TOLD_EVERY = Duration.ofSeconds(1);

  private static final AtomicLong LAST_TOLD =
      new AtomicLong(System.nanoTime() - TOLD_EVERY.toNanos());
  private static final AtomicLong UNTOLD = new AtomicLong();

  private Failures() {}

  /**
   * The answer to a failure.
   *
   * @param what the request, for the log
   */
  static Answer answer(Throwable failure, String what) {
    return switch (failure) {
      case Refusal refusal -> refusal.answer();
      case AuthFailure refused -> Answer.text(refused.kind().status(), refused.text());
      case DecodeException malformed -> Answer.text(400, malformed.text());
      case EngineException refused -> refused(refused, what);
      default -> {
        LOG.errorf(failure, "%s failed", what);
        yield Answer.text(500, chain(failure));
      }
    };
  }

  private static Answer refused(EngineException refused, String what) {
    return switch (refused.code()) {
      case CALLER, TENANT -> Answer.text(400, refused.text());
      case RETRY -> {
        LOG.warnf("%s: %s", what, refused.text());
        yield Answer.text(503, refused.text()).with("retry-after", "1");
      }
      case OPERATOR -> {
        logForOperator(refused, what);
        yield Answer.text(503, refused.text());
      }
    };
  }

  /**
   * What every request runs into is told once in a while: the log may be on the disk it is about.
   */
  private static void logForOperator(EngineException refused, String what) {
    long now = System.nanoTime();
    long last = LAST_TOLD.get();
    if (now - last >= TOLD_EVERY.toNanos() && LAST_TOLD.compareAndSet(last, now)) {
      LOG.errorf(
          refused,
          "%s: the operator must act (%d more such answers since the last line)",
          what,
          UNTOLD.getAndSet(0));
    } else {
      UNTOLD.incrementAndGet();
    }
  }

  /** The messages of an exception and its causes, the way the reference prints an error chain. */
  private static String chain(Throwable failure) {
    var text = new StringBuilder();
    int depth = 0;
    for (Throwable cause = failure; cause != null && depth < CHAIN_MAX; cause = cause.getCause()) {
      text.append(depth++ == 0 ? "" : ": ");
      String message = cause.getMessage();
      text.append(message == null ? cause.getClass().getSimpleName() : message);
    }
    return text.toString();
  }
}
