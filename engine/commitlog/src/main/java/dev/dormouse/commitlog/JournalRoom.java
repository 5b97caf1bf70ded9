package dev.dormouse.commitlog;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The bytes of records that may be on their way to the disk, given out in the order asked for: a
 * large record waits for those before it, and those behind it wait for it. Guarded by the journal's
 * gathering lock; what is to be completed is handed back, to be completed without it.
 */
final class JournalRoom {
  private record Waiting(JournalAppender appender, int bytes, CompletableFuture<Void> granted) {}

  private final long bytesMax;
  private long taken;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  JournalRoom(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Bytes reserved, gathered or in flight. */
  long taken() {
    return taken;
  }

  /** Takes room, if there is some and nobody waits, or it was set aside for this appender. */
  boolean tryTake(JournalAppender appender, int bytes) {
    int granted = appender.granted();
    if (granted > 0) {
      if (bytes > granted) {
        throw new IllegalStateException(
            "%d bytes were asked for and set aside, not %d".formatted(granted, bytes));
      }
      appender.grant(0);
      taken -= granted - bytes;
      return true;
    }
    if (!waiting.isEmpty() || !fits(bytes)) {
      return false;
    }
    taken += bytes;
    return true;
  }

  private boolean fits(int bytes) {
    return bytes <= bytesMax - taken;
  }

  /** Completes when room is set aside for this appender, or there is enough for it now. */
  CompletionStage<Void> await(JournalAppender appender, int bytes) {
    if (appender.granted() > 0 || (waiting.isEmpty() && fits(bytes))) {
      return CompletableFuture.completedStage(null);
    }
    Waiting place = new Waiting(appender, bytes, new CompletableFuture<>());
    waiting.add(place);
    return place.granted.minimalCompletionStage();
  }

  /** Takes room back, and sets it aside for who has waited longest. */
  List<CompletableFuture<Void>> give(long bytes) {
    taken -= bytes;
    List<CompletableFuture<Void>> granted = new ArrayList<>(0);
    for (Waiting first = waiting.peek();
        first != null && fits(first.bytes);
        first = waiting.peek()) {
      waiting.remove();
      taken += first.bytes;
      first.appender.grant(first.bytes);
      granted.add(first.granted);
    }
    return granted;
  }

  /** Forgets who waits for an appender that is closed, and takes back what was set aside for it. */
  List<CompletableFuture<Void>> leave(JournalAppender appender) {
    List<CompletableFuture<Void>> told = new ArrayList<>(0);
    waiting.removeIf(each -> each.appender == appender && told.add(each.granted));
    int granted = appender.granted();
    appender.grant(0);
    told.addAll(give(granted));
    return told;
  }

  /** Nothing is under way any more; whoever waits finds out why by trying. */
  List<CompletableFuture<Void>> reset() {
    List<CompletableFuture<Void>> told = new ArrayList<>(0);
    waiting.forEach(each -> told.add(each.granted));
    waiting.clear();
    taken = 0;
    return told;
  }
}
