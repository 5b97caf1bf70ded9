package dev.dormouse.database;

import dev.dormouse.query.TableQuery;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;

/** A one-off query on a client's connection. Source: spec client-protocol §14. */
public final class ClientQuery extends Request {
  private final Client client;
  private final int requestId;
  private final String sql;

  /** A query in the subscription language. */
  public ClientQuery(Client client, int requestId, String sql) {
    this.client = client;
    this.requestId = requestId;
    this.sql = sql;
  }

  @Override
  public long bytes() {
    return (long) Character.BYTES * sql.length();
  }

  @Override
  boolean isWrite() {
    return false;
  }

  @Override
  void execute(Session session) {
    if (!session.audience().has(client)) {
      return;
    }
    try (MemoryAccount memory = session.context().memory().open()) {
      TableQuery query =
          session
              .compiler()
              .oneOff(sql, session.store().committed(), session.queryCaller(client.caller()));
      EncodedRows rows =
          client
              .form()
              .rows(
                  query.table(),
                  query.rows(session.store().committed(), session.messageBudget(memory)));
      client.oneOffRows(requestId, rows, session.commits().lastOffset());
    } catch (EngineException e) {
      client.oneOffError(requestId, e.text());
    }
    session.audience().touch(client);
  }

  @Override
  public void refuse(EngineException why) {
    client.requestRefused(why);
  }
}
