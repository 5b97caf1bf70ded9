package dev.dormouse.simulation;

import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.Caller;
import dev.dormouse.database.ClientCall;
import dev.dormouse.database.ClientQuery;
import dev.dormouse.database.ClientSubscribe;
import dev.dormouse.database.ClientUnsubscribe;
import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.database.HeldSet;
import dev.dormouse.database.Join;
import dev.dormouse.database.Request;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.TableDelta;
import dev.dormouse.subscription.UnsubscribeOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A program with a socket: keeps the rows of its query sets as it is told, and notices whatever
 * does not fit. Its requests are made by one task outside; messages arrive on the lane.
 */
final class App {
  private record Outstanding(int request, Asked<Told> asked) {}

  private record Held(List<Query> queries, Map<String, Map<Row, Integer>> rows) {}

  private final World world;
  private final Site site;
  private final Identity identity;
  private final RandomGenerator random;
  private final ArrayDeque<Outstanding> outstanding = new ArrayDeque<>();
  private final TreeMap<QuerySetId, Held> sets = new TreeMap<>();
  private final Map<QuerySetId, List<Query>> wanted = new TreeMap<>();
  private final Map<Integer, Ledger.Call> calls = new TreeMap<>();
  private int requests;
  private boolean confirmed;
  private long lastOffset = -1;
  private @Nullable Socket socket;
  private @Nullable Node node;
  private @Nullable Ledger ledger;
  private Ledger.@Nullable Connection connection;

  App(World world, Site site, Identity identity, RandomGenerator random) {
    this.world = world;
    this.site = site;
    this.identity = identity;
    this.random = random;
  }

  boolean isConnected() {
    return socket != null;
  }

  Optional<Ledger> ledger() {
    return Optional.ofNullable(ledger);
  }

  // ---- what it does; the app's own task ----

  /** Does something, if it can; whether it could. */
  boolean act() {
    Socket open = socket;
    Node there = node;
    if (open == null || there == null) {
      return connect();
    }
    switch (random.nextInt(12)) {
      case 0 -> {
        disconnect();
        return true;
      }
      case 1 -> ask(open, there, "query", id -> new ClientQuery(open, id, query().sql()));
      case 2, 3 -> subscribe(open, there);
      case 4 -> unsubscribe(open, there);
      case 5 -> {
        // Several without waiting: their order must hold through sleeps.
        List<Asked<Told>> several = new ArrayList<>();
        for (int i = random.nextInt(2, 6); i > 0; i--) {
          several.add(call(open, there));
        }
        several.forEach(Asked::await);
        return true;
      }
      default -> call(open, there).await();
    }
    return true;
  }

  private Query query() {
    return site.example().query(random);
  }

  /** Connects, if there is a process to connect to; whether there was. */
  boolean connect() {
    Node there = world.node().orElse(null);
    if (there == null) {
      return false;
    }
    Ledger entered = site.ledger();
    confirmed = random.nextInt(3) != 0;
    ConnectionId id = world.freshConnection();
    Socket opened =
        new Socket(
            there.edge(), entered.key(), new Caller(identity, id), confirmed, this, world.fate());
    sets.clear();
    wanted.clear();
    calls.clear();
    requests = 0;
    lastOffset = -1;
    socket = opened;
    node = there;
    ledger = entered;
    connection = entered.connection(identity, id);
    there.process().whenDead(() -> closed(opened, "connection reset"));
    Asked<Told> asked = world.ask("connect", there);
    outstanding.add(new Outstanding(-1, asked));
    EventLoop loop = there.loop((int) id.word0());
    loop.post(
        () -> {
          there.edge().opened(opened, loop);
          there.edge().submit(opened, WakeReason.CONNECT, new Join(opened));
        });
    asked.await();
    return true;
  }

  /** Closes the socket. */
  void disconnect() {
    Socket open = socket;
    Node there = node;
    if (open != null && there != null) {
      loop(open, there).post(() -> there.edge().gone(open, "client left"));
      closed(open, "left");
    }
  }

  /** Calls, on the socket that it has. */
  void call() {
    call(open(), there()).await();
  }

  /** Subscribes to something, on the socket that it has. */
  void subscribe() {
    subscribe(open(), there());
  }

  /** Its connection must have come to its end by now, with whatever the module does about it. */
  void mustBeGone() {
    if (connection != null) {
      connection.isOver = true;
    }
  }

  private Socket open() {
    if (socket == null) {
      throw new IllegalStateException("the app is not connected");
    }
    return socket;
  }

  private Node there() {
    if (node == null) {
      throw new IllegalStateException("the app is not connected");
    }
    return node;
  }

  private static EventLoop loop(Socket open, Node there) {
    return there.loop((int) open.caller().connection().word0());
  }

  /** Makes a request of a request's number. */
  private interface Requests {
    Request of(int id);
  }

  private Asked<Told> send(Socket open, Node there, String what, Requests requested) {
    int id = requests++;
    Asked<Told> asked = world.ask(what, there);
    if (socket != open) {
      asked.lost(); // It was closed while the last request was under way.
      return asked;
    }
    outstanding.add(new Outstanding(id, asked));
    Request request = requested.of(id);
    loop(open, there)
        .post(
            () -> {
              if (!open.isClosed()) {
                there.edge().submit(open, WakeReason.MESSAGE, request);
              }
            });
    return asked;
  }

  private void ask(Socket open, Node there, String what, Requests requested) {
    send(open, there, what, requested).await();
  }

  private Asked<Told> call(Socket open, Node there) {
    Deed deed = site.example().deed(random, world.freshNumber());
    return send(
        open,
        there,
        deed.toString(),
        id -> {
          if (connection != null) {
            calls.put(id, connection.call(deed));
          }
          byte[] arguments = deed.bsatn();
          return new ClientCall(
              open, id, deed.function(), new Arguments.Bsatn(arguments, 0, arguments.length));
        });
  }

  private void subscribe(Socket open, Node there) {
    QuerySetId set = new QuerySetId(requests);
    List<Query> queries = site.example().set(random);
    wanted.put(set, queries);
    List<String> texts = queries.stream().map(Query::sql).toList();
    ask(open, there, "subscribe", id -> ClientSubscribe.one(open, id, new HeldSet(set, texts)));
  }

  private void unsubscribe(Socket open, Node there) {
    if (!sets.isEmpty()) {
      QuerySetId set = sets.firstKey();
      boolean withRows = random.nextBoolean();
      ask(open, there, "unsubscribe", id -> new ClientUnsubscribe(open, id, set, withRows));
    }
  }

  // ---- what it is told ----

  /** The socket is closed: whatever was not answered will not be. */
  void closed(Socket which, String why) {
    if (which != socket) {
      return;
    }
    world.trace().line("closed " + which.caller().connection() + " " + why);
    if (connection != null) {
      connection.isClosed = true;
    }
    socket = null;
    node = null;
    for (Outstanding each = outstanding.poll(); each != null; each = outstanding.poll()) {
      each.asked.lost();
    }
  }

  /** A message has arrived. */
  void receive(Socket from, Told told) {
    if (from != socket) {
      return;
    }
    switch (told) {
      case Told.Connected ignored -> answered(-1, told);
      case Told.Result result -> {
        apply(result.changes(), result.offset());
        heard(result);
        answered(result.request(), told);
      }
      case Told.Changes(var changes, long offset) -> apply(changes, offset);
      case Told.Subscribed subscribed -> {
        subscribed(subscribed);
        answered(subscribed.request(), told);
      }
      case Told.Unsubscribed unsubscribed -> {
        unsubscribed(unsubscribed);
        answered(unsubscribed.request(), told);
      }
      case Told.Rows rows -> answered(rows.request(), told);
      case Told.RowsRefused refused -> {
        wrong("a query was refused: " + refused.error());
        answered(refused.request(), told);
      }
      case Told.Dropped dropped -> wrong("a set was dropped: " + dropped.error());
    }
  }

  private void wrong(String what) {
    world.fate().violated("%s, app %s".formatted(what, connection == null ? "" : connection.id));
  }

  private void answered(int request, Told told) {
    Outstanding first = outstanding.poll();
    if (first == null || first.request != request) {
      wrong("answer %s instead of one to %s".formatted(told, first));
      return;
    }
    first.asked.done(told);
  }

  private void heard(Told.Result result) {
    Ledger.Call call = calls.get(result.request());
    if (call == null) {
      wrong("a result of no call: " + result);
      return;
    }
    call.outcome = world.judged(call.deed, result.result(), confirmed);
    call.timestamp = result.timestamp();
    if (result.result() instanceof CallResult.Committed) {
      call.offset = result.offset();
      call.epoch = epoch();
    }
    world.trace().line(call.deed + " " + call.outcome + " at " + result.offset());
  }

  private long epoch() {
    return node == null || ledger == null ? 0 : node.edge().epoch(ledger.key());
  }

  private void subscribed(Told.Subscribed told) {
    switch (told.outcome()) {
      case SubscribeOutcome.Refused<EncodedRows>(String error) ->
          wrong("a subscription was refused: " + error);
      case SubscribeOutcome.Applied<EncodedRows>(List<EncodedRows> selected) -> {
        Held held = new Held(wanted.getOrDefault(told.set().id(), List.of()), new TreeMap<>());
        for (EncodedRows each : selected) {
          if (each instanceof PlainForm.Selected(String table, List<Row> rows)) {
            rows.forEach(row -> add(held, table, row, 1));
          }
        }
        sets.put(told.set().id(), held);
        saw(told.offset());
      }
    }
  }

  private void unsubscribed(Told.Unsubscribed told) {
    if (told.outcome() instanceof UnsubscribeOutcome.Refused<EncodedRows>(String error)) {
      wrong("an unsubscribe was refused: " + error);
    }
    sets.remove(told.set());
  }

  private void apply(List<SetDelta<EncodedUpdate>> changes, long offset) {
    for (SetDelta<EncodedUpdate> delta : changes) {
      Held held = sets.get(delta.id());
      if (held == null) {
        wrong("a change of a set that it does not hold: " + delta.id());
        return;
      }
      for (TableDelta<EncodedUpdate> table : delta.tables()) {
        for (EncodedUpdate update : table.updates()) {
          if (update
              instanceof PlainForm.Changed(String name, List<Row> inserted, List<Row> deleted)) {
            deleted.forEach(row -> add(held, name, row, -1));
            inserted.forEach(row -> add(held, name, row, 1));
          }
        }
      }
    }
    if (!changes.isEmpty()) {
      saw(offset);
    }
  }

  private void add(Held held, String table, Row row, int count) {
    Map<Row, Integer> rows = held.rows.computeIfAbsent(table, absent -> new TreeMap<>());
    int now = rows.merge(row, count, Integer::sum);
    if (now == 0) {
      rows.remove(row);
    } else if (now < 0 || now > held.queries.size()) {
      wrong("row %s of %s is held %d times".formatted(row, table, now));
    }
  }

  private void saw(long offset) {
    if (offset < lastOffset) {
      wrong("told of offset %d after %d".formatted(offset, lastOffset));
    }
    lastOffset = offset;
    saw(offset, epoch());
  }

  /** Enters into the ledger what it sees, as the state of an offset. */
  void saw(long offset, long epoch) {
    if (ledger == null || connection == null) {
      return;
    }
    Map<String, Map<Row, Integer>> all = new TreeMap<>();
    List<List<Query>> queries = new ArrayList<>();
    for (Held held : sets.values()) {
      queries.add(held.queries);
      held.rows.forEach(
          (table, rows) -> {
            Map<Row, Integer> sum = all.computeIfAbsent(table, absent -> new TreeMap<>());
            rows.forEach((row, count) -> sum.merge(row, count, Integer::sum));
          });
    }
    all.values().removeIf(Map::isEmpty);
    ledger.saw(new Ledger.Seen(connection, confirmed, epoch, offset, List.copyOf(queries), all));
  }
}
