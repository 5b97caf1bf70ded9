package dev.dormouse.simulation;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.residence.SleepRecord;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares what the log of a database says with all that anybody outside was told: the model. Used
 * after every restart and at the end of a world.
 */
final class Audit {
  /** How many parts the log is cut into, to restore to where they end. */
  private static final int RESTORES = 4;

  private final History history;
  private final Ledger ledger;
  private final SnapshotStore snapshots;
  private final Optional<SleepRecord> sleep;

  private final Fold fold = new Fold();
  private final Map<ConnectionId, List<History.Commit>> byConnection = new HashMap<>();
  private final Map<ConnectionId, Long> connectedAt = new HashMap<>();
  private long numbers;
  private final TreeMap<Long, List<Runnable>> checks = new TreeMap<>();

  /**
   * An audit of one database.
   *
   * @param sleep what is remembered of its last sleep
   */
  Audit(History history, Ledger ledger, SnapshotStore snapshots, Optional<SleepRecord> sleep) {
    this.sleep = sleep;
    this.history = history;
    this.ledger = ledger;
    this.snapshots = snapshots;
  }

  /**
   * Finds what does not fit.
   *
   * @return the state at the end of the log
   * @throws Violation for the first thing found
   */
  Fold run() {
    if (history.commits().isEmpty()) {
      if (ledger.isCreated()) {
        throw wrong("the database was acknowledged and has no log");
      }
      return fold;
    }
    collect();
    ledger.connections().values().forEach(this::connection);
    byConnection.keySet().stream()
        .filter(id -> !id.isNone() && !ledger.connections().containsKey(id))
        .findAny()
        .ifPresent(
            id -> {
              throw wrong("commits of connection " + id + " that nobody made");
            });
    restores();
    sleep.ifPresent(this::slept);
    ledger.seen().forEach(this::seen);
    ledger.selected().forEach(this::selected);
    replay();
    return fold;
  }

  private Violation wrong(String what) {
    return new Violation(
        "%s; %s %s, log of %d commits"
            .formatted(
                what, ledger.example(), ledger.key().generation(), history.commits().size()));
  }

  private void collect() {
    long offset = 0;
    long epoch = 0;
    long timestamp = 0;
    for (History.Commit commit : history.commits()) {
      if (commit.offset() != offset++) {
        throw wrong("commit " + commit.offset() + " follows " + (offset - 2));
      }
      if (commit.epoch() < epoch || commit.timestamp() <= timestamp) {
        throw wrong("epoch or timestamp of commit " + commit.offset() + " steps back");
      }
      epoch = commit.epoch();
      timestamp = commit.timestamp();
      byConnection.computeIfAbsent(commit.connection(), absent -> new ArrayList<>()).add(commit);
    }
  }

  private long lastOffset() {
    return history.commits().getLast().offset();
  }

  /** The commit at an offset in an epoch's eyes: whether what was told of it still holds. */
  private boolean isKept(long epoch, long offset) {
    return offset <= lastOffset() && history.commits().get((int) offset).epoch() <= epoch;
  }

  // ---- calls ----

  private void connection(Ledger.Connection connection) {
    List<History.Commit> commits = byConnection.getOrDefault(connection.id, List.of());
    int comings = 0;
    int goings = 0;
    List<History.Commit> made = new ArrayList<>();
    for (History.Commit commit : commits) {
      if (!commit.caller().equals(connection.identity)) {
        throw wrong("commit " + commit.offset() + " has another caller");
      }
      if (commit.kind() == CommitKind.REDUCER) {
        if (comings != 1 || goings != 0) {
          throw wrong("commit " + commit.offset() + " of a connection that is not open");
        }
        made.add(commit);
      }
      for (History.Change change : commit.changes()) {
        if (change.table() == SystemTables.ST_CLIENT) {
          comings += change.inserted() ? 1 : 0;
          goings += change.inserted() ? 0 : 1;
          connectedAt.putIfAbsent(connection.id, commit.offset());
        }
      }
    }
    if (comings > 1 || goings > comings) {
      throw wrong(
          "connection %s came %d and went %d times".formatted(connection.id, comings, goings));
    }
    if (connection.isOver && (comings != 1 || goings != 1)) {
      throw wrong(
          "the answer on connection %s was durable, but it came %d and went %d times"
              .formatted(connection.id, comings, goings));
    }
    match(connection, made);
  }

  /** Calls and commits of a connection are in the same order. */
  private void match(Ledger.Connection connection, List<History.Commit> commits) {
    int next = 0;
    for (Ledger.Call call : connection.calls) {
      History.Commit commit = next < commits.size() ? commits.get(next) : null;
      boolean isIt = commit != null && did(commit, call);
      switch (call.outcome) {
        case DURABLE -> {
          if (!isIt) {
            hadNothingToChange(connection, call);
          }
        }
        case COMMITTED -> {
          boolean mayBeLost =
              connection.isClosed && (connection.mayHaveLost || !isKept(call.epoch, call.offset));
          if (!isIt && !mayBeLost) {
            throw wrong("%s was told at %d and is lost".formatted(call.deed, call.offset));
          }
        }
        case NOTHING -> {
          if (isIt && commit != null) {
            throw wrong("%s failed and left commit %d".formatted(call.deed, commit.offset()));
          }
        }
        case UNKNOWN -> {}
      }
      if (isIt && commit != null) {
        told(call, commit);
        next++;
      }
    }
    if (next < commits.size()) {
      throw wrong(
          "commit %d of %s is none of connection %s, or out of order"
              .formatted(commits.get(next).offset(), commits.get(next).function(), connection.id));
    }
  }

  /**
   * An acknowledged call is not in the log: it is lost, unless what it wanted was there before it.
   * A call that changes nothing takes no offset; so it is with one that is made again because
   * nobody heard that it had happened.
   */
  private void hadNothingToChange(Ledger.Connection connection, Ledger.Call call) {
    Violation lost = wrong("%s was acknowledged and is lost".formatted(call.deed));
    Long offset = connectedAt.get(connection.id);
    List<Row> wanted = call.deed.repeatable().orElseThrow(() -> lost);
    if (offset == null) {
      throw lost;
    }
    at(
        offset,
        () -> {
          if (!fold.table(ledger.example().mainTable()).containsAll(wanted)) {
            throw lost;
          }
        });
  }

  private void told(Ledger.Call call, History.Commit commit) {
    boolean fits =
        (call.offset < 0 || call.offset == commit.offset())
            && (call.timestamp < 0 || call.timestamp == commit.timestamp());
    if (!fits) {
      throw wrong(
          "%s was told at offset %d, timestamp %d and is at %d, %d"
              .formatted(
                  call.deed, call.offset, call.timestamp, commit.offset(), commit.timestamp()));
    }
  }

  /** Whether a commit is the effect of a call. */
  private boolean did(History.Commit commit, Ledger.Call call) {
    if (!commit.function().equals(call.deed.function())) {
      return false;
    }
    return switch (call.deed) {
      case Deed.Seed(int count, long balance) -> commit.changes().size() == count;
      case Deed.Transfer(int from, int to, long amount) -> moved(commit, from, to, amount);
      case Deed.Say(String text) ->
          commit.changes().stream().anyMatch(change -> isMessage(change, commit, text));
      case Deed.Add(String name) ->
          commit.changes().stream().anyMatch(change -> isAdded(change, name));
      case Deed.Rename(String name) ->
          commit.changes().stream().anyMatch(change -> isNamed(change, commit, name));
    };
  }

  private static boolean moved(History.Commit commit, int from, int to, long amount) {
    long paid = 0;
    long received = 0;
    for (History.Change change : commit.changes()) {
      BsatnReader account = new BsatnReader(change.row().bytes());
      long id = account.readU32();
      long balance = change.inserted() ? account.readI64() : -account.readI64();
      if (id == from) {
        paid -= balance;
      } else if (id == to) {
        received += balance;
      } else {
        return false;
      }
    }
    return paid == amount && received == amount;
  }

  private static boolean isMessage(History.Change change, History.Commit commit, String text) {
    BsatnReader message = new BsatnReader(change.row().bytes());
    return change.inserted()
        && Identity.read(message).equals(commit.caller())
        && message.readI64() == commit.timestamp()
        && message.readString().equals(text);
  }

  private static boolean isNamed(History.Change change, History.Commit commit, String name) {
    BsatnReader user = new BsatnReader(change.row().bytes());
    return change.inserted()
        && Identity.read(user).equals(commit.caller())
        && user.readU8() == 0
        && user.readString().equals(name);
  }

  private static boolean isAdded(History.Change change, String name) {
    BsatnReader person = new BsatnReader(change.row().bytes());
    person.readI64();
    return change.inserted() && person.readString().equals(name);
  }

  // ---- what was shown ----

  private void at(long offset, Runnable check) {
    checks.computeIfAbsent(offset, absent -> new ArrayList<>()).add(check);
  }

  private void seen(Ledger.Seen seen) {
    if (!isKept(seen.epoch(), seen.offset())) {
      if (seen.confirmed() || !seen.by().isClosed) {
        throw wrong(
            "app %s saw offset %d of epoch %d, which is lost"
                .formatted(seen.by().id, seen.offset(), seen.epoch()));
      }
      return;
    }
    if (!seen.confirmed() && seen.by().isClosed && seen.by().mayHaveLost) {
      return;
    }
    at(
        seen.offset(),
        () -> {
          Map<String, Map<Row, Integer>> true_ = fold.show(seen.sets());
          if (!true_.equals(seen.rows())) {
            throw wrong(
                "app %s saw at offset %d, epoch %d: %s, but there was: %s"
                    .formatted(seen.by().id, seen.offset(), seen.epoch(), seen.rows(), true_));
          }
        });
  }

  private void selected(Ledger.Selected selected) {
    Long offset = connectedAt.get(selected.connection());
    if (offset == null) {
      if (selected.confirmed()) {
        throw wrong("%s was answered, and its connection is lost".formatted(selected.query()));
      }
      return;
    }
    at(
        offset,
        () -> {
          List<Row> rows = new ArrayList<>(fold.table(selected.query().table()));
          rows.removeIf(row -> !selected.query().matches(row));
          rows.sort(null);
          List<Row> told = new ArrayList<>(selected.rows());
          told.sort(null);
          if (!rows.equals(told)) {
            throw wrong(
                "%s at offset %d returned %s, but there was: %s"
                    .formatted(selected.query(), offset, told, rows));
          }
        });
  }

  // ---- sleeps and restores ----

  /** Those who are remembered as connected are those whom the log has as connected. */
  private void slept(SleepRecord remembered) {
    if (remembered.lastOffset() > lastOffset()) {
      throw wrong("it slept at commit " + remembered.lastOffset() + ", which is lost");
    }
    Set<ConnectionId> connections = new HashSet<>();
    remembered.connections().forEach(caller -> connections.add(caller.connection()));
    at(
        remembered.lastOffset(),
        () -> {
          if (!connections.equals(fold.connections())) {
            throw wrong(
                "a sleep at commit %d remembers connections %s, but there were %s"
                    .formatted(remembered.lastOffset(), connections, fold.connections()));
          }
        });
  }

  /** Each snapshot, and a restore to offsets between them, is the prefix of the log up to there. */
  private void restores() {
    Restoration restoration = new Restoration(history, snapshots);
    try {
      for (SnapshotStore.SnapshotSummary summary : snapshots.list(ledger.key())) {
        long last = summary.nextOffset() - 1;
        if (last > lastOffset()) {
          throw wrong("a snapshot holds commits up to " + last + ", which is lost");
        }
        at(last, () -> restoration.compare(last, fold));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    for (long part = 0; part <= RESTORES; part++) {
      long offset = lastOffset() * part / RESTORES;
      at(offset, () -> restoration.compare(offset, fold));
    }
  }

  // ---- the state ----

  private void replay() {
    for (History.Commit commit : history.commits()) {
      fold.apply(commit);
      switch (ledger.example()) {
        case BANK -> checkMoney(commit);
        case CHAT -> {}
        case REGISTER -> checkNumbers(commit);
      }
      checks.getOrDefault(commit.offset(), List.of()).forEach(Runnable::run);
    }
  }

  private void checkMoney(History.Commit commit) {
    int accounts = fold.id("account");
    long growth = 0;
    for (History.Change change : commit.changes()) {
      if (change.table() == accounts) {
        BsatnReader account = new BsatnReader(change.row().bytes());
        account.readU32();
        growth += change.inserted() ? account.readI64() : -account.readI64();
      }
    }
    if (growth != 0 && !commit.function().equals("seed")) {
      throw wrong("commit %d makes %d of money".formatted(commit.offset(), growth));
    }
  }

  /** Nobody's number is given again or left out, whatever slept or died in between. */
  private void checkNumbers(History.Commit commit) {
    int people = fold.id("person");
    for (History.Change change : commit.changes()) {
      if (change.table() == people) {
        long number = new BsatnReader(change.row().bytes()).readI64();
        if (number != ++numbers) {
          throw wrong(
              "commit %d gives number %d, the next was %d"
                  .formatted(commit.offset(), number, numbers));
        }
      }
    }
  }
}
