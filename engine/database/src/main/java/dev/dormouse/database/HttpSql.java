package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.query.RowList;
import dev.dormouse.query.TableQuery;
import dev.dormouse.query.TableWrite;
import dev.dormouse.query.WriteCounts;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.EngineException;
import java.util.Optional;

/** One SQL statement over HTTP, between connect and disconnect. Source: spec http-api §7. */
public final class HttpSql extends Request {
  /** What became of it. */
  public sealed interface Outcome {
    /**
     * It gave rows.
     *
     * @param columns names and types
     * @param rows BSATN, in no particular order
     * @param nanos how long it took
     */
    record Result(Product columns, RowList rows, long nanos) implements Outcome {}

    /** It wrote rows. */
    record Written(WriteCounts counts, long nanos) implements Outcome {}

    /** It was refused. */
    record Refused(String error) implements Outcome {}

    /** The module refused the connection. */
    record NoConnection(CallResult.ConnectionRefused why) implements Outcome {}
  }

  private final Visitor visitor;
  private final String sql;
  private final boolean confirmed;
  private final Reply<Outcome> reply;

  /**
   * A statement.
   *
   * @param confirmed whether the answer waits until what it shows is durable
   */
  public HttpSql(Visitor visitor, String sql, boolean confirmed, Reply<Outcome> reply) {
    this.visitor = visitor;
    this.sql = sql;
    this.confirmed = confirmed;
    this.reply = reply;
  }

  @Override
  void execute(Session session) {
    Caller caller = visitor.caller();
    Optional<CallResult> refused = session.connections().connect(caller, visitor.claims());
    Outcome outcome;
    if (refused.isPresent()) {
      outcome = new Outcome.NoConnection(HttpCall.refusal(refused.get()));
    } else {
      outcome = run(session, caller);
      session.connections().disconnect(caller);
    }
    if (confirmed) {
      session.answerDurably(reply, outcome);
    } else {
      reply.done(outcome);
    }
  }

  private Outcome run(Session session, Caller caller) {
    long begun = session.context().nanoTime().getAsLong();
    try {
      return switch (session
          .compiler()
          .adHoc(sql, session.store().committed(), session.queryCaller(caller))) {
        case TableQuery query -> {
          RowList rows = query.rows(session.store().committed(), session.queryBudget());
          yield new Outcome.Result(query.resultType(), rows, since(session, begun));
        }
        case TableWrite write -> {
          WriteCounts counts = write(session, caller, write);
          yield new Outcome.Written(counts, since(session, begun));
        }
      };
    } catch (EngineException e) {
      return new Outcome.Refused(e.text());
    }
  }

  private static long since(Session session, long begun) {
    return session.context().nanoTime().getAsLong() - begun;
  }

  private static WriteCounts write(Session session, Caller caller, TableWrite write) {
    long timestamp = session.clock().next();
    Transaction tx = session.store().begin();
    try {
      WriteCounts counts = write.run(tx, session.queryBudget());
      session.commit(tx, CommitKind.SQL, caller, null, "", timestamp, false);
      return counts;
    } catch (EngineException e) {
      session.rollback(tx);
      throw e;
    } catch (RuntimeException | Error e) {
      session.rollbackAfter(tx, e);
      throw EngineException.operator("the server failed: " + e);
    }
  }

  @Override
  public void refuse(EngineException why) {
    reply.refused(why);
  }
}
