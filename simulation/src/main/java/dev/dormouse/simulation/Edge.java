package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Attach;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Database;
import dev.dormouse.database.Leave;
import dev.dormouse.database.Request;
import dev.dormouse.database.Submission;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.Sockets;
import dev.dormouse.residence.WakeReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The sockets of one process, and the way of their messages to databases. */
@SuppressWarnings("IdentityHashMapUsage") // sockets are told apart by identity
final class Edge implements Sockets {
  private final Fate fate;
  private final Trace trace;
  private final RandomGenerator random;
  private final Refusals refusals;
  private final Map<DatabaseKey, List<Socket>> open = new TreeMap<>();
  private final Map<DatabaseKey, Database> lives = new TreeMap<>();
  private final Map<Socket, EventLoop> loops = new java.util.IdentityHashMap<>();
  private @Nullable Residence residence;

  Edge(Fate fate, Trace trace, RandomGenerator random, Refusals refusals) {
    this.fate = fate;
    this.trace = trace;
    this.random = random;
    this.refusals = refusals;
  }

  /** Where messages go; once, before the first. */
  void serve(Residence served) {
    residence = served;
  }

  private Residence residence() {
    Residence present = residence;
    if (present == null) {
      throw new IllegalStateException("the edge does not serve yet");
    }
    return present;
  }

  /** A socket was opened; on its event loop. */
  void opened(Socket socket, EventLoop loop) {
    open.computeIfAbsent(socket.key(), absent -> new ArrayList<>()).add(socket);
    loops.put(socket, loop);
  }

  /** Epoch of the life that serves, or served last; 0 for none. */
  long epoch(DatabaseKey key) {
    Database life = lives.get(key);
    return life == null ? 0 : life.context().epoch().value();
  }

  /**
   * Hands a request of a socket's app to its database: directly, if one is known to serve, or by
   * the residence.
   */
  void submit(Socket socket, WakeReason reason, Request request) {
    if (random.nextBoolean()
        && residence().serving(socket.key()).stream()
            .anyMatch(life -> life.submit(request) == Submission.QUEUED)) {
      return;
    }
    fate.step("submit");
    residence().submit(socket.key(), reason, request);
  }

  /** The app has closed its end, or the node has; on the event loop. */
  void gone(Socket socket, String why) {
    List<Socket> sockets = open.getOrDefault(socket.key(), List.of());
    if (!socket.isClosed() && sockets.remove(socket)) {
      socket.close(why);
      submit(socket, WakeReason.DISCONNECT, new Leave(socket));
    }
  }

  /** A request of a socket was refused, so that it must be closed. */
  void refused(Socket socket, String why) {
    refusals.closed(socket.key(), why);
    close(socket, why);
  }

  private void close(Socket socket, String why) {
    EventLoop loop = loops.get(socket);
    if (loop == null) {
      throw new IllegalStateException("a socket that was never opened");
    }
    loop.post(() -> gone(socket, why));
  }

  @Override
  public boolean isOpen(DatabaseKey key, Caller connection) {
    fate.step("is open");
    return open.getOrDefault(key, List.of()).stream()
        .anyMatch(socket -> socket.isJoined() && socket.caller().equals(connection));
  }

  @Override
  public void awake(DatabaseKey key, Database database) {
    fate.step("before awake");
    trace.line("awake " + key.generation());
    lives.put(key, database);
    for (Socket socket : List.copyOf(open.getOrDefault(key, List.of()))) {
      if (socket.isJoined() && database.admit(new Attach(socket)) != Submission.QUEUED) {
        close(socket, "not attached");
      }
    }
    fate.step("after awake");
  }

  @Override
  public void close(DatabaseKey key, String reason) {
    fate.step("close sockets");
    trace.line("sockets closed " + key.generation() + " " + reason);
    refusals.closed(key, reason);
    lives.remove(key);
    for (Socket socket : List.copyOf(open.getOrDefault(key, List.of()))) {
      close(socket, reason);
    }
  }
}
