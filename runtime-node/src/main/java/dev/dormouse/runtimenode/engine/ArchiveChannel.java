package dev.dormouse.runtimenode.engine;

import dev.dormouse.residence.Archive;
import dev.dormouse.residence.ArchiveRange;
import dev.dormouse.sats.EngineException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.jspecify.annotations.Nullable;

/**
 * The channel on which a node tells what is to be archived: in one process in memory, between
 * processes over a broker. A message is a range; its acknowledgement means that the range is
 * archived and that this is recorded. Source: design §6.
 *
 * <p>So many ranges are on the channel at a time, which its buffer must hold; others wait here, as
 * when thousands of databases fall asleep together. Thread safe; does not block.
 */
@Singleton
public final class ArchiveChannel implements Archive {
  /** Its name in the configuration. */
  public static final String NAME = "archive-ranges";

  private final Emitter<ArchiveRange> ranges;
  private final int onChannelMax;
  private final int waitingMax;

  private final Object lock = new Object();

  // Below: guarded by the lock.
  private final Queue<Told> waiting = new ArrayDeque<>();
  private int onChannel;
  private boolean sending;

  private record Told(ArchiveRange range, CompletableFuture<Void> done) {}

  @Inject
  ArchiveChannel(@Channel(NAME) Emitter<ArchiveRange> ranges) {
    this(ranges, EngineLimits.STANDARD);
  }

  ArchiveChannel(Emitter<ArchiveRange> ranges, EngineLimits limits) {
    this.ranges = ranges;
    this.onChannelMax = limits.archiving();
    this.waitingMax = limits.archiveWaiting();
  }

  @Override
  public CompletionStage<Void> archive(ArchiveRange range) {
    Told told = new Told(range, new CompletableFuture<>());
    synchronized (lock) {
      if (waiting.size() == waitingMax) {
        return CompletableFuture.failedStage(
            EngineException.retry(
                "range up to %s of database %s is not archived: %d ranges wait already, the limit"
                    .formatted(range.last(), range.key(), waitingMax)));
      }
      waiting.add(told);
    }
    send();
    return told.done.minimalCompletionStage();
  }

  /** Sends what may go. A loop and not a recursion: an answer may come before sending returns. */
  private void send() {
    synchronized (lock) {
      if (sending) {
        return; // Whoever is sending looks again before it stops.
      }
      sending = true;
    }
    while (true) {
      Told next;
      synchronized (lock) {
        if (onChannel == onChannelMax || waiting.isEmpty()) {
          sending = false;
          return;
        }
        next = waiting.remove();
        onChannel++;
      }
      send(next);
    }
  }

  private void send(Told next) {
    CompletionStage<Void> answer;
    try {
      answer = ranges.send(next.range);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedStage(e); // The channel is closed or full.
    }
    var unused = answer.whenComplete((nothing, failure) -> answered(next, failure));
  }

  private void answered(Told told, @Nullable Throwable failure) {
    synchronized (lock) {
      onChannel--;
    }
    send();
    if (failure == null) {
      told.done.complete(null);
    } else {
      told.done.completeExceptionally(
          failure instanceof CompletionException e && e.getCause() != null
              ? e.getCause()
              : failure);
    }
  }
}
