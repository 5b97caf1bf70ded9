package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.QueryOutcome;
import dev.dormouse.protocol.ReducerOutcome;
import dev.dormouse.protocol.RowList;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.List;

/** A client of the chat that has been let in. */
final class ChatClient implements AutoCloseable {
  static final String MESSAGES = "SELECT * FROM message";
  static final String USERS = "SELECT * FROM user";

  final RawClient raw;
  final ServerMessage.InitialConnection first;
  private int requests;

  ChatClient(RawClient raw) {
    this.raw = raw;
    this.first = raw.message(ServerMessage.InitialConnection.class);
  }

  Identity identity() {
    return first.identity();
  }

  /** A call of {@code send_message}. */
  static ClientMessage say(int requestId, String text) {
    byte[] args = new BsatnWriter().writeString(text).toByteArray();
    return new ClientMessage.CallReducer(requestId, "send_message", ByteSlice.of(args));
  }

  /** A one-off query. */
  static ClientMessage ask(int requestId, String sql) {
    return new ClientMessage.OneOffQuery(requestId, sql);
  }

  /** Subscribes and answers the tables of the initial rows. */
  List<ServerMessage.TableRows> subscribe(int set, String... queries) {
    raw.send(new ClientMessage.Subscribe(++requests, set, List.of(queries)));
    return raw.message(ServerMessage.SubscribeApplied.class).tables();
  }

  /** Sends a message to the chat and answers what it changed in the caller's own sets. */
  List<ServerMessage.QuerySetUpdate> say(String text) {
    raw.send(say(++requests, text));
    return said();
  }

  /** The answer to a call that was sent before, which must have succeeded. */
  List<ServerMessage.QuerySetUpdate> said() {
    ReducerOutcome result = raw.message(ServerMessage.ReducerResult.class).result();
    if (result instanceof ReducerOutcome.Ok ok) {
      return ok.querySets();
    }
    throw new AssertionError("the call ended with " + result);
  }

  /** The rows of a query. */
  RowList rows(String sql) {
    raw.send(ask(++requests, sql));
    QueryOutcome result = raw.message(ServerMessage.OneOffQueryResult.class).result();
    if (result instanceof QueryOutcome.Rows rows) {
      return rows.tables().getFirst().rows();
    }
    throw new AssertionError("the query ended with " + result);
  }

  /** The texts inserted by the next update, whose table must be the messages. */
  List<String> nextTexts() {
    return inserted(raw.message(ServerMessage.TransactionUpdate.class).querySets());
  }

  /** The texts that an update inserts. */
  static List<String> inserted(List<ServerMessage.QuerySetUpdate> sets) {
    List<String> texts = new ArrayList<>();
    for (ServerMessage.QuerySetUpdate set : sets) {
      for (ServerMessage.TableUpdate table : set.tables()) {
        for (ServerMessage.UpdateRows rows : table.rows()) {
          texts.addAll(texts(((ServerMessage.UpdateRows.Persistent) rows).inserts()));
        }
      }
    }
    return texts;
  }

  /** The texts of messages. */
  static List<String> texts(RowList rows) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < rows.rowCount(); i++) {
      ByteSlice row = rows.row(i);
      BsatnReader reader = new BsatnReader(row.array(), row.offset(), row.length());
      reader.skip(Identity.BYTES + Long.BYTES);
      texts.add(reader.readString());
    }
    return texts;
  }

  /** The users that are online, among rows of users. */
  static List<Identity> online(RowList rows) {
    List<Identity> online = new ArrayList<>();
    for (int i = 0; i < rows.rowCount(); i++) {
      ByteSlice row = rows.row(i);
      if (row.array()[row.offset() + row.length() - 1] == 1) {
        online.add(Identity.read(new BsatnReader(row.array(), row.offset(), row.length())));
      }
    }
    return online;
  }

  @Override
  public void close() {
    raw.close();
  }
}
