package dev.dormouse.runtimenode.ws;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Attach;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Database;
import dev.dormouse.database.Leave;
import dev.dormouse.database.Submission;
import dev.dormouse.protocol.Closing;
import dev.dormouse.protocol.NameCache;
import dev.dormouse.protocol.SessionId;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.Sockets;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.runtimenode.http.Workers;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryShare;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jboss.logging.Logger;

/**
 * The open WebSockets of a node: which there are, whose they are, and what they owe each other.
 * Thread safe; nothing blocks.
 *
 * <p>Somebody calls {@link #tick} a few times a second.
 *
 * <p>A departure is never dropped; that their number is bounded is because none is added without a
 * connection, and no connection is opened while there are too many.
 */
public final class OpenSockets implements Sockets {
  private static final Logger LOG = Logger.getLogger(OpenSockets.class);

  private static final int GOING_AWAY = 1001;
  private static final int TRY_AGAIN = 1013;

  private static final String NO_MEMORY =
      "node memory: clients have sent more than fits beside databases, this one most; try again";

  private record Session(Identity identity, SessionId id) {}

  /** The connections of one database. Changed only inside the map's atomic operations. */
  private static final class Group {
    final Map<Caller, Connection> connections = new ConcurrentHashMap<>(4);
    final Map<Session, Connection> sessions = new ConcurrentHashMap<>(1);
  }

  /** A client that has left while its database slept. */
  private record Departure(Connection connection, long due) {}

  private final SocketLimits limits;
  private final Supplier<Residence> residence;
  private final Workers workers;
  private final LongSupplier nanoTime;
  private final NameCache names;
  private final Packer.Pool packers;
  private final ConcurrentHashMap<DatabaseKey, Group> groups = new ConcurrentHashMap<>();
  private final Backlog.Total outgoing;
  private final MemoryShare incoming;
  private final AtomicBoolean cutting = new AtomicBoolean();
  private final AtomicBoolean refusing = new AtomicBoolean();
  private final List<Departure> departures = new ArrayList<>(); // Its own lock.
  private volatile boolean closed;

  /**
   * No sockets yet.
   *
   * @param residence where the databases live; asked for when the first connection comes, since it
   *     is made with these sockets
   * @param workers decode long messages
   * @param nanoTime a clock that never steps back, in nanoseconds
   * @param incoming of the node's memory, for what clients send
   * @param outgoing of the node's memory, for what clients are told
   */
  public OpenSockets(
      SocketLimits limits,
      Supplier<Residence> residence,
      Workers workers,
      LongSupplier nanoTime,
      MemoryShare incoming,
      MemoryShare outgoing) {
    this.incoming = incoming;
    this.outgoing = new Backlog.Total(outgoing, limits.nodeOutgoingBytes());
    this.limits = limits;
    this.residence = residence;
    this.workers = workers;
    this.nanoTime = nanoTime;
    this.names = new NameCache(limits.namesKept());
    this.packers = new Packer.Pool(limits.protocol());
  }

  SocketLimits limits() {
    return limits;
  }

  Residence residence() {
    return residence.get();
  }

  Workers workers() {
    return workers;
  }

  NameCache names() {
    return names;
  }

  Packer.Pool packers() {
    return packers;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** An empty backlog, which counts towards the node's total. */
  Backlog backlog() {
    return new Backlog(outgoing);
  }

  /** Nothing received yet; counts towards the node's total. */
  Received received() {
    return new Received(incoming, limits.uncountedBytes());
  }

  /** Whether so much was received that a connection must wait for its answers. */
  boolean isPressed() {
    return incoming.bytes() > limits.nodeIncomingBytes() / 2;
  }

  // ---- what is known ----

  /** Open connections. */
  public int count() {
    return groups.values().stream().mapToInt(group -> group.connections.size()).sum();
  }

  /** Open connections of a database. */
  public int count(DatabaseKey key) {
    return connections(key).size();
  }

  /** Bytes that wait for clients, held back or not taken by their sockets. */
  public long outgoingBytes() {
    return outgoing.bytes();
  }

  /**
   * Bytes of what clients have sent that is incomplete or not answered, and of the queries that
   * they hold; few of one do not count.
   */
  public long incomingBytes() {
    return incoming.bytes();
  }

  private Collection<Connection> connections(DatabaseKey key) {
    Group group = groups.get(key);
    return group == null ? List.of() : group.connections.values();
  }

  // ---- coming ----

  /**
   * Opens a connection, on its event loop.
   *
   * <p>If the client's session has a live connection, the newcomer is closed and so is that one. A
   * connection with the same identity and connection id is taken for one whose end was not noticed:
   * the newcomer takes its place. Source: spec since-2.8 §5.
   */
  void open(Connection connection) {
    if (closed) {
      connection.closeUnmourned(Closing.MODULE_EXITED);
      return;
    }
    if (departureCount() >= limits.departuresMax()) {
      connection.closeUnmourned(
          new Closing(
              TRY_AGAIN,
              "%d clients have left whose databases have not heard of it, which is the limit; try again"
                  .formatted(limits.departuresMax())));
      return;
    }
    Caller caller = connection.caller();
    List<Connection> holders = new ArrayList<>(1);
    List<Connection> replaced = new ArrayList<>(1);
    groups.compute(
        connection.database(),
        (key, present) -> {
          Group group = present == null ? new Group() : present;
          session(connection)
              .map(session -> group.sessions.putIfAbsent(session, connection))
              .ifPresent(holders::add);
          if (holders.isEmpty()) {
            Connection before = group.connections.put(caller, connection);
            if (before != null) {
              replaced.add(before);
            }
          }
          return group;
        });
    if (!holders.isEmpty()) {
      connection.closeUnmourned(Closing.SESSION_IN_USE);
      holders.forEach(
          holder -> {
            holder.close(Closing.SESSION_IN_USE);
            hastenDeparture(holder);
          });
      return;
    }
    replaced.forEach(Connection::abort);
    hastenDeparture(connection); // The rows of one before it go before its own come.
    connection.start();
    if (closed) {
      connection.closeUnmourned(Closing.MODULE_EXITED);
    }
  }

  private static Optional<Session> session(Connection connection) {
    return connection.session().map(id -> new Session(connection.caller().identity(), id));
  }

  // ---- going ----

  /** A connection has ended; its session stays until {@link #freeSession}. */
  void remove(Connection connection) {
    groups.computeIfPresent(
        connection.database(),
        (key, group) -> {
          group.connections.remove(connection.caller(), connection);
          return emptyToNull(group);
        });
  }

  /** The database has heard of a connection's end, or need not: its session is free. */
  void freeSession(Connection connection) {
    session(connection)
        .ifPresent(
            session ->
                groups.computeIfPresent(
                    connection.database(),
                    (key, group) -> {
                      group.sessions.remove(session, connection);
                      return emptyToNull(group);
                    }));
  }

  @SuppressWarnings("NullAway") // how a map is told to drop an entry
  private static Group emptyToNull(Group group) {
    return group.connections.isEmpty() && group.sessions.isEmpty() ? null : group;
  }

  /**
   * Tells a database that a client has left: at once if it is awake, together with others a little
   * later if it sleeps.
   */
  void depart(Connection connection) {
    if (closed || tellAwake(connection)) {
      return;
    }
    Departure later =
        new Departure(connection, nanoTime.getAsLong() + limits.leaveDelay().toNanos());
    synchronized (departures) {
      departures.add(later);
    }
  }

  private int departureCount() {
    synchronized (departures) {
      return departures.size();
    }
  }

  private boolean tellAwake(Connection connection) {
    Optional<Database> awake = residence().serving(connection.database());
    boolean told =
        awake.isPresent() && awake.get().submit(new Leave(connection)) == Submission.QUEUED;
    if (told) {
      // Whoever takes the session next queues up behind the one who left.
      freeSession(connection);
    }
    return told;
  }

  /** Tells a database, waking it if it sleeps. */
  private void tell(Connection connection) {
    if (!tellAwake(connection)) {
      residence().submit(connection.database(), WakeReason.DISCONNECT, new Leave(connection));
      freeSession(connection);
    }
  }

  /** Tells the database now of clients with this one's identity and connection id. */
  private void hastenDeparture(Connection connection) {
    List<Connection> now = new ArrayList<>(0);
    synchronized (departures) {
      departures.removeIf(
          each ->
              each.connection.caller().equals(connection.caller())
                  && each.connection.database().equals(connection.database())
                  && now.add(each.connection));
    }
    now.forEach(this::tell);
  }

  // ---- time ----

  /** Pings, drops who is not there any more, and tells sleeping databases who has left. */
  public void tick() {
    long now = nanoTime.getAsLong();
    for (Group group : groups.values()) {
      for (Connection connection : group.connections.values()) {
        connection.tick(now);
      }
    }
    List<Connection> due = new ArrayList<>(0);
    synchronized (departures) {
      boolean full = departures.size() >= limits.departuresMax();
      departures.removeIf(each -> (full || now - each.due >= 0) && due.add(each.connection));
    }
    due.forEach(this::tell);
  }

  // ---- too much ----

  /**
   * Ends a connection that does not take what it is told.
   *
   * @param more bytes that it should have been told besides
   */
  void cutOff(Connection connection, long more) {
    LOG.infof(
        "connection %s is cut off: %d bytes wait for it, and %d more do not fit",
        connection, connection.outgoingBytes(), more);
    connection.abort();
  }

  /**
   * Cuts connections off until the node's total is within its limit, and all of it within the
   * node's memory: of the database for which most waits the connection with most.
   *
   * @param asking whose database's lane the caller is on
   * @param more bytes of a message for which there is to be room
   */
  void makeRoom(Connection asking, long more) {
    if (!outgoing.isOver(more) || !cutting.compareAndSet(false, true)) {
      return;
    }
    try {
      while (outgoing.isOver(more)) {
        Optional<Connection> largest = largest(Connection::outgoingBytes);
        if (largest.isEmpty()
            || (more > 0 && largest.get().outgoingBytes() < asking.outgoingBytes() + more)) {
          return; // Nobody has as much as the one who asks.
        }
        cutOff(largest.get(), 0);
        if (largest.get().database().equals(asking.database())) {
          largest.get().forgetTold(); // Others do so at the end of their drain.
        }
      }
    } finally {
      cutting.set(false);
    }
  }

  private boolean isTooMuchReceived() {
    return incoming.bytes() > limits.nodeIncomingBytes() || incoming.isOver(0);
  }

  /**
   * Closes connections until the node's total is within its limit, and all of it within the node's
   * memory: of the database that was sent most the connection that sent most. What they have sent
   * leaves memory with their sockets, after {@link SocketLimits#closeTimeout} at the latest;
   * nothing is added to it meanwhile.
   */
  void watchReceived() {
    if (!isTooMuchReceived() || !refusing.compareAndSet(false, true)) {
      return;
    }
    try {
      while (isTooMuchReceived()) {
        Optional<Connection> largest = largest(Connection::incomingBytes);
        if (largest.isEmpty()) {
          return;
        }
        boolean overLimit = incoming.bytes() > limits.nodeIncomingBytes();
        LOG.infof(
            "connection %s is closed: it has sent %d bytes of %d that wait, limit %s",
            largest.get(),
            largest.get().incomingBytes(),
            incoming.bytes(),
            overLimit ? Long.toString(limits.nodeIncomingBytes()) : "the node's memory");
        largest
            .get()
            .refuse(
                new Closing(
                    TRY_AGAIN,
                    overLimit
                        ? "all clients have sent more than %d bytes that wait, this one most; try again"
                            .formatted(limits.nodeIncomingBytes())
                        : NO_MEMORY));
      }
    } finally {
      refusing.set(false);
    }
  }

  /** The connection with most, of the database with most: nobody pays for another's clients. */
  private Optional<Connection> largest(ToLongFunction<Connection> measure) {
    Optional<Connection> worst = Optional.empty();
    long mostOfAll = 0;
    for (Group group : groups.values()) {
      Optional<Connection> largest = Optional.empty();
      long most = 0;
      long all = 0;
      for (Connection connection : group.connections.values()) {
        long bytes = measure.applyAsLong(connection);
        all += bytes;
        if (bytes > most) {
          most = bytes;
          largest = Optional.of(connection);
        }
      }
      if (all > mostOfAll) {
        mostOfAll = all;
        worst = largest;
      }
    }
    return worst;
  }

  // ---- what the residence asks and tells ----

  @Override
  public boolean isOpen(DatabaseKey key, Caller caller) {
    Group group = groups.get(key);
    Connection connection = group == null ? null : group.connections.get(caller);
    // One that waits to be let in has no rows yet: those that are there are of an earlier one.
    return connection != null && connection.isJoined() && !connection.isEnded();
  }

  @Override
  public void awake(DatabaseKey key, Database database) {
    for (Connection connection : connections(key)) {
      if (connection.isJoined()
          && !connection.isEnded()
          && database.admit(new Attach(connection)) != Submission.QUEUED) {
        connection.close(Closing.failure("the database broke as it woke"));
      }
    }
  }

  @Override
  public void close(DatabaseKey key, String reason) {
    Group group = groups.remove(key);
    synchronized (departures) {
      departures.removeIf(each -> each.connection.database().equals(key));
    }
    if (group != null) {
      Closing closing = new Closing(GOING_AWAY, reason);
      group.connections.values().forEach(connection -> connection.closeUnmourned(closing));
    }
  }

  /**
   * The node stops: all sockets are closed, and no more are opened. The databases are not told;
   * their next life ends the connections.
   */
  public void closeAll() {
    closed = true;
    for (Group group : groups.values()) {
      group
          .connections
          .values()
          .forEach(connection -> connection.closeUnmourned(Closing.MODULE_EXITED));
    }
  }
}
