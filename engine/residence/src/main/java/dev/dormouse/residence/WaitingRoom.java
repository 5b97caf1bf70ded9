package dev.dormouse.residence;

import dev.dormouse.database.Request;
import dev.dormouse.sats.EngineException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for a database to serve, in the order in which they came: so many, and so
 * many bytes of what was sent with them. Not thread safe: guarded by the lock of its {@link
 * Resident}; nobody is answered from in here.
 */
final class WaitingRoom {
  private record Parked(WakeReason reason, Request request, long since) {}

  private final int requestsMax;
  private final long bytesMax;
  private final ArrayDeque<Parked> parked = new ArrayDeque<>();
  private long bytes;

  WaitingRoom(ResidenceLimits limits) {
    this.requestsMax = limits.parking().requests();
    this.bytesMax = limits.parking().bytes();
  }

  int size() {
    return parked.size();
  }

  /** Lets a request in, behind the others; why not, if there is no room. */
  Optional<EngineException> add(WakeReason reason, Request request, long now) {
    if (parked.size() >= requestsMax) {
      return Optional.of(Busy.waitingRoom(parked.size()));
    }
    long more = request.bytes();
    if (more > 0 && bytes > 0 && bytes + more > bytesMax) {
      return Optional.of(Busy.waitingBytes(bytes, more, bytesMax));
    }
    parked.add(new Parked(reason, request, now));
    bytes += more;
    return Optional.empty();
  }

  /**
   * Lets in what a life has left over, in its order, before all that came since. There always is
   * room: it was admitted before.
   */
  void addBefore(List<Request> leftOver, long now) {
    for (Request request : leftOver.reversed()) {
      parked.addFirst(new Parked(WakeReason.MESSAGE, request, now));
      bytes += request.bytes();
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
    bytes = 0;
    return all;
  }

  /** Those who came before a moment of the nanosecond clock. */
  List<Request> takeOlderThan(long moment) {
    List<Request> older = new ArrayList<>();
    for (@Nullable Parked first = parked.peek();
        first != null && first.since() - moment <= 0;
        first = parked.peek()) {
      older.add(parked.remove().request());
      bytes -= first.request().bytes();
    }
    return older;
  }
}
