package dev.dormouse.simulation;

import dev.dormouse.datastore.SystemTables;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The state that a prefix of a log makes, as plain sets of rows. */
final class Fold {
  private final Map<Integer, Set<Row>> tables = new TreeMap<>();
  private final Map<String, Integer> ids = new TreeMap<>();
  private final Map<Integer, History.Position> sequences = new TreeMap<>();
  private long last = -1;

  /** Applies one more commit. */
  void apply(History.Commit commit) {
    last = commit.offset();
    sequences.putAll(commit.sequences());
    for (History.Change change : commit.changes()) {
      Set<Row> rows = tables.computeIfAbsent(change.table(), absent -> new HashSet<>());
      boolean fits = change.inserted() ? rows.add(change.row()) : rows.remove(change.row());
      if (!fits && change.table() >= SystemTables.ST_MODULE) {
        throw new Violation(
            "commit %d %s a row of table %d that was %s: %s"
                .formatted(
                    commit.offset(),
                    change.inserted() ? "inserts" : "deletes",
                    change.table(),
                    change.inserted() ? "there" : "not there",
                    change.row()));
      }
      if (change.inserted() && change.table() == SystemTables.ST_TABLE) {
        BsatnReader reader = new BsatnReader(change.row().bytes());
        int id = (int) reader.readU32();
        ids.put(reader.readString(), id);
      }
    }
  }

  /** The offset of the last commit, -1 for none. */
  long last() {
    return last;
  }

  /** The rows of a table. */
  Set<Row> table(int id) {
    return tables.getOrDefault(id, Set.of());
  }

  /** The rows of a table by its name. */
  Set<Row> table(String name) {
    Integer id = ids.get(name);
    return id == null ? Set.of() : table(id);
  }

  /** The id of a table by its name, 0 if there is none. */
  int id(String name) {
    return ids.getOrDefault(name, 0);
  }

  /** Tables that have had rows. */
  List<Integer> tableIds() {
    return new ArrayList<>(tables.keySet());
  }

  /** Who is connected. */
  Set<ConnectionId> connections() {
    Set<ConnectionId> connections = new HashSet<>();
    for (Row client : table(SystemTables.ST_CLIENT)) {
      BsatnReader reader = new BsatnReader(client.bytes());
      Identity.read(reader);
      connections.add(ConnectionId.read(reader));
    }
    return connections;
  }

  /** Where the sequences stand that the log has moved. */
  Map<Integer, History.Position> sequences() {
    return sequences;
  }

  /** What query sets show, as an app holds it: how often each row is there, by table. */
  Map<String, Map<Row, Integer>> show(List<List<Query>> sets) {
    Map<String, Map<Row, Integer>> shown = new TreeMap<>();
    for (List<Query> set : sets) {
      for (Query query : set) {
        for (Row row : table(query.table())) {
          if (query.matches(row)) {
            shown
                .computeIfAbsent(query.table(), absent -> new TreeMap<>())
                .merge(row, 1, Integer::sum);
          }
        }
      }
    }
    return shown;
  }
}
