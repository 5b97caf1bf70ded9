package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.datastore.Outcome;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The rows of connections, and the lifecycle reducers that run as they come and go. Used on the
 * lane. Source: spec host-semantics §9.
 */
final class Connections {
  private final Session session;
  private final BsatnWriter row = new BsatnWriter();

  Connections(Session session) {
    this.session = session;
  }

  /**
   * Inserts the connection's rows and runs the connect reducer, in one transaction that is always
   * logged.
   *
   * @return why the connection is refused, if it is
   */
  Optional<CallResult> connect(Caller caller, String claims) {
    long timestamp = session.clock().next();
    Transaction tx = session.store().begin();
    String name = "";
    try {
      insertRows(tx, caller, claims);
      OptionalInt reducer = session.program().onConnect();
      if (reducer.isPresent()) {
        name = nameOf(reducer.getAsInt());
        CallResult result =
            session.calls().call(tx, caller, reducer.getAsInt(), name, new byte[0], timestamp);
        if (!(result instanceof CallResult.Committed)) {
          tx.rollback();
          return Optional.of(result);
        }
      }
      session.commit(tx, CommitKind.LIFECYCLE, caller, null, name, timestamp, true);
      return Optional.empty();
    } catch (EngineException e) {
      session.rollback(tx);
      session.hostLog(LogLevel.ERROR, timestamp, name, e.text());
      return Optional.of(new CallResult.FailedInternally(e.text()));
    } catch (RuntimeException | Error e) {
      session.rollbackAfter(tx, e);
      return Optional.of(new CallResult.FailedInternally(CallResult.FATAL));
    }
  }

  private String nameOf(int reducer) {
    return session.program().schema().reducers().get(reducer).name();
  }

  private void insertRows(Transaction tx, Caller caller, String claims) {
    row.reset();
    caller.identity().write(row);
    caller.connection().write(row);
    insert(tx, SystemTables.ST_CLIENT);
    row.reset();
    caller.connection().write(row);
    row.writeString(claims);
    insert(tx, SystemTables.ST_CONNECTION_CREDENTIALS);
  }

  private void insert(Transaction tx, int table) {
    Outcome outcome = tx.insert(table, row.array(), 0, row.size());
    if (!outcome.isDone()) {
      throw EngineException.caller("the connection is open already");
    }
  }

  /**
   * Runs the disconnect reducer and deletes the connection's rows, in one transaction; if that
   * fails, deletes the rows in another. Nothing happens if there are none.
   */
  void disconnect(Caller caller) {
    long timestamp = session.clock().next();
    Transaction tx = session.store().begin();
    String name = "";
    try {
      if (!isPresent(caller)) {
        tx.rollback();
        return;
      }
      OptionalInt reducer = session.program().onDisconnect();
      CallResult result = new CallResult.Committed();
      if (reducer.isPresent()) {
        name = nameOf(reducer.getAsInt());
        result = session.calls().call(tx, caller, reducer.getAsInt(), name, new byte[0], timestamp);
      }
      if (result instanceof CallResult.Committed) {
        // After the reducer, so that it can still read the claims of who leaves.
        deleteRows(tx, caller);
        session.commit(tx, CommitKind.LIFECYCLE, caller, null, name, timestamp, true);
        return;
      }
      tx.rollback();
    } catch (EngineException e) {
      session.rollback(tx);
      session.hostLog(LogLevel.ERROR, timestamp, name, e.text());
    } catch (RuntimeException | Error e) {
      session.rollbackAfter(tx, e);
    }
    deleteAlone(caller);
  }

  private void deleteAlone(Caller caller) {
    Transaction tx = session.store().begin();
    try {
      deleteRows(tx, caller);
      session.commit(tx, CommitKind.LIFECYCLE, caller, null, "", session.clock().next(), true);
    } catch (RuntimeException | Error e) {
      session.rollbackAfter(tx, e);
      throw e;
    }
  }

  private boolean isPresent(Caller caller) {
    row.reset();
    caller.identity().write(row);
    caller.connection().write(row);
    return SystemIndexes.rows(
            session.store().committed().point(SystemIndexes.CLIENTS, row.array(), 0, row.size()))
        .next();
  }

  private void deleteRows(Transaction tx, Caller caller) {
    row.reset();
    caller.identity().write(row);
    caller.connection().write(row);
    tx.deletePoint(SystemIndexes.CLIENTS, row.array(), 0, row.size());
    row.reset();
    caller.connection().write(row);
    tx.deletePoint(SystemIndexes.CREDENTIALS, row.array(), 0, row.size());
  }

  /** The connections that have a row now. */
  List<Caller> present() {
    List<Caller> callers = new ArrayList<>();
    RowCursor rows = SystemIndexes.rows(session.store().committed().scan(SystemTables.ST_CLIENT));
    BsatnReader reader = new BsatnReader(new byte[0]);
    while (rows.next()) {
      reader.reset(rows.buffer(), rows.offset(), rows.length());
      Identity identity = Identity.read(reader);
      callers.add(new Caller(identity, ConnectionId.read(reader)));
    }
    return callers;
  }
}
