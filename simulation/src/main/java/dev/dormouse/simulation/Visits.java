package dev.dormouse.simulation;

import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.HttpCall;
import dev.dormouse.database.HttpSql;
import dev.dormouse.database.Visitor;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Optional;

/** Requests over HTTP, each a connection of its own. Used by one task outside. */
final class Visits {
  private final World world;
  private final Identity identity;

  Visits(World world, Identity identity) {
    this.world = world;
    this.identity = identity;
  }

  /**
   * Calls, and enters into the ledger what was heard of it.
   *
   * @return how it ended; empty if no process was there to ask
   */
  Optional<Asked.End<CallResult>> call(Ledger ledger, Deed deed) {
    Node node = world.node().orElse(null);
    if (node == null) {
      return Optional.empty();
    }
    ConnectionId id = world.freshConnection();
    Ledger.Connection connection = ledger.connection(identity, id);
    Ledger.Call call = connection.call(deed);
    Asked<CallResult> asked = world.ask("call of " + deed, node);
    HttpCall request =
        new HttpCall(
            new Visitor(identity, id, "{}"),
            deed.function(),
            new Arguments.Json(deed.json()),
            asked);
    node.loop((int) id.word0())
        .post(() -> node.residence().submit(ledger.key(), WakeReason.CALL, request));
    Asked.End<CallResult> end = asked.await();
    switch (end) {
      case Asked.End.Answered<CallResult>(CallResult result) -> {
        // Whoever could not be connected, as the log failed, hears of that at once.
        connection.isOver =
            result instanceof CallResult.Committed || result instanceof CallResult.Failed;
        call.outcome = world.judged(deed, result, true);
      }
      case Asked.End.Refused<CallResult>(var why) ->
          world.refusals().refused(ledger.key(), asked.toString(), why);
      case Asked.End.Lost<CallResult> ignored -> {}
    }
    world.trace().line(deed + " " + end.getClass().getSimpleName() + " " + call.outcome);
    return Optional.of(end);
  }

  /** Asks for rows; empty if none were heard. */
  Optional<List<Row>> select(Ledger ledger, Query query, boolean confirmed) {
    Optional<ConnectionId> id = Optional.of(world.freshConnection());
    return select(ledger, query.sql(), confirmed, id.get())
        .map(
            rows -> {
              ledger.selected(new Ledger.Selected(id.get(), confirmed, query, rows));
              return rows;
            });
  }

  /** Asks for rows of any table; empty if none were heard. */
  Optional<List<Row>> select(Ledger ledger, String sql, boolean confirmed, ConnectionId id) {
    Node node = world.node().orElse(null);
    if (node == null) {
      return Optional.empty();
    }
    Ledger.Connection connection = ledger.connection(identity, id);
    Asked<HttpSql.Outcome> asked = world.ask(sql, node);
    HttpSql request = new HttpSql(new Visitor(identity, id, "{}"), sql, confirmed, asked);
    node.loop((int) id.word0())
        .post(() -> node.residence().submit(ledger.key(), WakeReason.SQL, request));
    Asked.End<HttpSql.Outcome> end = asked.await();
    world.trace().line(sql + " " + end.getClass().getSimpleName());
    return switch (end) {
      case Asked.End.Answered<HttpSql.Outcome>(HttpSql.Outcome outcome) -> {
        connection.isOver = confirmed && outcome instanceof HttpSql.Outcome.Result;
        yield rows(sql, outcome);
      }
      case Asked.End.Refused<HttpSql.Outcome>(var why) -> {
        world.refusals().refused(ledger.key(), asked.toString(), why);
        yield Optional.empty();
      }
      case Asked.End.Lost<HttpSql.Outcome> ignored -> Optional.empty();
    };
  }

  private Optional<List<Row>> rows(String sql, HttpSql.Outcome outcome) {
    return switch (outcome) {
      case HttpSql.Outcome.Result result -> {
        result.release();
        yield Optional.of(PlainForm.listed(result.rows()));
      }
      case HttpSql.Outcome.Written written -> {
        world.fate().violated(sql + " wrote: " + written);
        yield Optional.empty();
      }
      case HttpSql.Outcome.Refused(var why) -> {
        world.fate().violated(sql + " was refused: " + why.text());
        yield Optional.empty();
      }
      case HttpSql.Outcome.NoConnection(var why) -> {
        if (world.fate().faults() == 0) {
          world.fate().violated(sql + " got no connection: " + why);
        }
        yield Optional.empty();
      }
    };
  }
}
