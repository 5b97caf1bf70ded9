package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.query.RowList;
import dev.dormouse.query.TableQuery;
import dev.dormouse.query.TableWrite;
import dev.dormouse.query.WriteCounts;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.ModuleHash;
import java.util.List;
import java.util.Optional;

/** One SQL statement over HTTP, between connect and disconnect. Source: spec http-api §7. */
public final class HttpSql extends Request {
  /** What became of it. */
  public sealed interface Outcome {
    /** Gives the node's memory back that it takes; by whoever got it, once. */
    default void release() {}

    /**
     * It gave rows.
     *
     * @param columns names and types
     * @param rows BSATN, in no particular order
     * @param missing what is empty in the rows and is to be put in
     * @param nanos how long it took
     * @param memory covers the rows until it is closed
     */
    record Result(
        Product columns,
        RowList rows,
        Optional<MissingProgram> missing,
        long nanos,
        MemoryAccount memory)
        implements Outcome {
      @Override
      public void release() {
        memory.close();
      }
    }

    /**
     * A program's bytes, which no database holds in memory.
     *
     * @param program whose
     * @param columns of the result that show them; not empty
     */
    record MissingProgram(ModuleHash program, List<Integer> columns) {
      public MissingProgram {
        columns = List.copyOf(columns);
      }
    }

    /** It wrote rows. */
    record Written(WriteCounts counts, long nanos) implements Outcome {}

    /** It was refused; the code says whether it may succeed later. */
    record Refused(EngineException why) implements Outcome {}

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
  public long bytes() {
    return (long) Character.BYTES * sql.length();
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
      session.whenDurable(
          () -> reply.done(outcome),
          () -> {
            outcome.release();
            reply.refused(session.ended());
          });
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
        case TableQuery query -> read(session, query, begun);
        case TableWrite write -> {
          WriteCounts counts = write(session, caller, write);
          yield new Outcome.Written(counts, since(session, begun));
        }
      };
    } catch (EngineException e) {
      return new Outcome.Refused(e);
    }
  }

  private static Outcome read(Session session, TableQuery query, long begun) {
    MemoryAccount memory = session.context().memory().open();
    boolean read = false;
    try {
      RowList rows = query.rows(session.store().committed(), session.queryBudget(memory));
      read = true;
      return new Outcome.Result(
          query.resultType(), rows, missing(session, query, rows), since(session, begun), memory);
    } finally {
      if (!read) {
        memory.close();
      }
    }
  }

  private static Optional<Outcome.MissingProgram> missing(
      Session session, TableQuery query, RowList rows) {
    if (query.table().id() != SystemTables.ST_MODULE || rows.count() == 0) {
      return Optional.empty();
    }
    List<Integer> columns = query.shownAt(SystemTables.PROGRAM_BYTES_COLUMN);
    return columns.isEmpty()
        ? Optional.empty()
        : Optional.of(new Outcome.MissingProgram(session.program().hash(), columns));
  }

  private static long since(Session session, long begun) {
    return session.context().nanoTime().getAsLong() - begun;
  }

  private static WriteCounts write(Session session, Caller caller, TableWrite write) {
    long timestamp = session.clock().next();
    Transaction tx = session.store().begin();
    try (MemoryAccount memory = session.context().memory().open()) {
      WriteCounts counts = write.run(tx, session.queryBudget(memory));
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
