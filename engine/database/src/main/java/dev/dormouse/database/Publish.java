package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.modulehost.ModuleInstance;
import dev.dormouse.sats.EngineException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the program of a database that exists. So far the tables must stay the same. Sockets,
 * subscriptions and data are kept. The answer is durable. Source: spec host-semantics §14.
 */
public final class Publish extends Request {
  /** What became of it. */
  public sealed interface Outcome {
    /** The new program serves. */
    record Updated() implements Outcome {}

    /** That program served already. */
    record Unchanged() implements Outcome {}

    /** The new program does not fit; nothing has changed. */
    record Rejected(String reason) implements Outcome {}
  }

  private final Program next;
  private final Reply<Outcome> reply;

  /** A wish to serve another program. */
  public Publish(Program next, Reply<Outcome> reply) {
    this.next = next;
    this.reply = reply;
  }

  @Override
  void execute(Session session) {
    session.answerDurably(reply, update(session));
  }

  private Outcome update(Session session) {
    if (next.hash().equals(session.program().hash())) {
      return new Outcome.Unchanged();
    }
    List<String> changes = TableChanges.between(session.program().schema(), next.schema());
    if (!changes.isEmpty()) {
      String reason =
          "migrations are not built yet, so tables must stay the same: "
              + String.join("; ", changes);
      session.hostLog(
          LogLevel.WARN, session.clock().now(), "", "Database update failed: " + reason);
      return new Outcome.Rejected(reason);
    }
    long timestamp = session.clock().next();
    Transaction tx = session.store().begin();
    @Nullable ModuleInstance made = null;
    try {
      made =
          next.module()
              .instantiate(
                  session.guest(),
                  session.context().instanceLimits(),
                  session.context().watch(),
                  CpuBudget.of(session.context().limits().callCpu()),
                  session.context().memory());
      ModuleRow.replace(tx, session.context(), next);
      Caller owner = Caller.withoutConnection(session.context().owner());
      session.commit(tx, CommitKind.PUBLISH, owner, null, "", timestamp, true);
      session.swap(next, made);
      made = null;
    } catch (EngineException e) {
      session.rollback(tx);
      session.hostLog(LogLevel.WARN, timestamp, "", "Database update failed: " + e.text());
      return new Outcome.Rejected(e.text());
    } catch (RuntimeException | Error e) {
      session.rollbackAfter(tx, e);
      return new Outcome.Rejected("the server failed: " + e);
    } finally {
      if (made != null) {
        made.close();
      }
    }
    session.hostLog(LogLevel.INFO, timestamp, "", "Program updated to " + next.hash().toHex());
    session.hostLog(LogLevel.INFO, timestamp, "", "Database updated");
    return new Outcome.Updated();
  }

  @Override
  public void refuse(EngineException why) {
    reply.refused(why);
  }
}
