package dev.dormouse.residence;

import dev.dormouse.database.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for a database to serve, in the order in which they came. Not thread safe:
 * guarded by the lock of its {@link Resident}; nobody is answered from in here.
 */
final class WaitingRoom {
  private record Parked(WakeReason reason, Request request, long since) {}

  private final ArrayDeque<Parked> parked = new ArrayDeque<>();

  int size() {
    return parked.size();
  }

  /** Lets a request in, behind the others. */
  void add(WakeReason reason, Request request, long now) {
    parked.add(new Parked(reason, request, now));
  }

  /** Lets in what a life has left over, in its order, before all that came since. */
  void addBefore(List<Request> leftOver, long now) {
    for (Request request : leftOver.reversed()) {
      parked.addFirst(new Parked(WakeReason.MESSAGE, request, now));
    }
  }

  /** Why it is to wake; empty if nobody waits. */
  Optional<WakeReason> reason() {
    return Optional.ofNullable(parked.peek()).map(Parked::reason);
  }

  /** Everybody, in order; the room is empty then. */
  List<Request> takeAll() {
    List<Request> all = new ArrayList<>(parked.size());
    for (Parked each = parked.poll(); each != null; each = parked.poll()) {
      all.add(each.request());
    }
    return all;
  }

  /** Those who came before a moment of the nanosecond clock. */
  List<Request> takeOlderThan(long moment) {
    List<Request> older = new ArrayList<>();
    for (@Nullable Parked first = parked.peek();
        first != null && first.since() - moment <= 0;
        first = parked.peek()) {
      older.add(parked.remove().request());
    }
    return older;
  }
}
