package dev.dormouse.database;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.modulehost.CallOutcome;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.LogLevel;
import dev.dormouse.modulehost.ModuleInstance;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.module.ReducerDef;
import dev.dormouse.sats.module.Visibility;
import dev.dormouse.subscription.SetDelta;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Finds reducers, checks what they are called with, and runs each in a transaction of its own. Used
 * on the lane. Source: spec host-semantics §1, §2.
 */
final class ReducerCalls {
  private final Session session;
  private final CpuBudget budget;
  private final BsatnWriter encoded = new BsatnWriter();
  private List<SetDelta<EncodedUpdate>> ownChanges = List.of();

  ReducerCalls(Session session) {
    this.session = session;
    this.budget = CpuBudget.of(session.context().limits().callCpu());
  }

  /** What a name and arguments turned out to be. */
  sealed interface Checked {
    /** A reducer that may run, and its arguments as BSATN. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Callable(int reducer, byte[] arguments) implements Checked {}

    /** Why nothing runs. */
    record Refused(CallResult.NotRun why) implements Checked {}
  }

  /**
   * Looks a function up for a caller and checks the arguments; nothing has run. A refusal is also
   * written to the module's log.
   */
  Checked check(Caller caller, String function, Arguments arguments) {
    Checked checked = find(caller, function, arguments);
    if (checked instanceof Checked.Refused refused) {
      session.hostLog(LogLevel.ERROR, session.clock().now(), function, refused.why().error());
    }
    return checked;
  }

  /** Why a client's call of a procedure is refused. */
  String procedureRefusal(Caller caller, String function) {
    return isProcedure(caller, function)
        ? notRunYet(function)
        : "no such procedure: `%s`".formatted(function);
  }

  private boolean isProcedure(Caller caller, String function) {
    boolean owner = session.isOwner(caller);
    return session
        .program()
        .schema()
        .procedure(function)
        .filter(found -> owner || found.visibility() == Visibility.CLIENT_CALLABLE)
        .isPresent();
  }

  private static String notRunYet(String function) {
    return "procedure `%s`: this server does not run procedures yet".formatted(function);
  }

  private Checked find(Caller caller, String function, Arguments arguments) {
    Program program = session.program();
    OptionalInt id = program.schema().reducerId(function);
    boolean owner = session.isOwner(caller);
    if (id.isEmpty()) {
      return new Checked.Refused(
          isProcedure(caller, function)
              ? new CallResult.NotBuiltYet(notRunYet(function))
              : new CallResult.NoSuchFunction("no such reducer: `%s`".formatted(function)));
    }
    ReducerDef reducer = program.schema().reducers().get(id.getAsInt());
    if (reducer.lifecycle().isPresent()) {
      return new Checked.Refused(
          new CallResult.LifecycleReducer(
              "`%s` is a special lifecycle reducer and cannot be called directly"
                  .formatted(function)));
    }
    if (reducer.visibility() == Visibility.PRIVATE && !owner) {
      return new Checked.Refused(
          new CallResult.NoSuchFunction("no such reducer: `%s`".formatted(function)));
    }
    try {
      return new Checked.Callable(id.getAsInt(), encode(program, id.getAsInt(), arguments));
    } catch (DecodeException e) {
      return invalid(function, e.text());
    } catch (EngineException e) {
      return invalid(function, e.text());
    }
  }

  private static Checked invalid(String function, String why) {
    return new Checked.Refused(
        new CallResult.InvalidArguments(
            "invalid arguments for reducer %s: %s".formatted(function, why)));
  }

  private byte[] encode(Program program, int reducer, Arguments arguments) {
    int most = session.context().limits().argumentBytes();
    switch (arguments) {
      case Arguments.Bsatn(byte[] bytes, int offset, int length) -> {
        checkSize(length, most);
        int end = program.argumentsEnd(reducer, bytes, offset, offset + length);
        return Arrays.copyOfRange(bytes, offset, end);
      }
      case Arguments.Json(byte[] utf8) -> {
        checkSize(utf8.length, most);
        encoded.reset();
        ReducerDef def = program.schema().reducers().get(reducer);
        program.jsonInput().readArguments(def.params(), def.canonicalParamNames(), utf8, encoded);
        return encoded.toByteArray();
      }
    }
  }

  private static void checkSize(int length, int most) {
    if (length > most) {
      throw EngineException.caller("arguments of %d bytes, limit %d bytes".formatted(length, most));
    }
  }

  /** What the last committed call changed in the query sets of the client that called. */
  List<SetDelta<EncodedUpdate>> ownChanges() {
    List<SetDelta<EncodedUpdate>> changes = ownChanges;
    ownChanges = List.of();
    return changes;
  }

  /**
   * Runs a reducer in a transaction, commits or rolls it back, and tells subscribers.
   *
   * @param client who is told with its answer instead, or null
   */
  CallResult run(
      Caller caller, @Nullable Client client, int reducer, byte[] arguments, long timestamp) {
    ReducerDef def = session.program().schema().reducers().get(reducer);
    Transaction tx = session.store().begin();
    try {
      CallResult result = call(tx, caller, reducer, def.name(), arguments, timestamp);
      if (result instanceof CallResult.Committed) {
        ownChanges =
            session.commit(tx, CommitKind.REDUCER, caller, client, def.name(), timestamp, false);
      } else {
        tx.rollback();
      }
      return result;
    } catch (EngineException e) {
      session.rollback(tx);
      session.hostLog(LogLevel.ERROR, timestamp, def.name(), e.text());
      return new CallResult.FailedInternally(e.text());
    } catch (RuntimeException | Error e) {
      session.rollbackAfter(tx, e);
      return new CallResult.FailedInternally(CallResult.FATAL);
    }
  }

  /**
   * Enters the guest inside an open transaction, which stays open.
   *
   * @return Committed if the guest returned 0, though nothing is committed by this method
   */
  CallResult call(
      Transaction tx, Caller caller, int reducer, String name, byte[] arguments, long timestamp) {
    ModuleInstance instance = session.instance();
    GuestCalls guest = session.guest();
    guest.enter(tx, name);
    CallOutcome outcome;
    try {
      outcome =
          instance.callReducer(
              reducer, caller.identity(), caller.connection(), timestamp, arguments, budget);
    } finally {
      guest.leave();
      if (instance.isPoisoned()) {
        // Also when an import was refused by a limit, which leaves the guest as an exception.
        session.dropInstance();
      }
    }
    return switch (outcome) {
      case CallOutcome.Returned() -> new CallResult.Committed();
      case CallOutcome.UserError(String text) -> {
        session.hostLog(LogLevel.ERROR, timestamp, name, text);
        yield new CallResult.Failed(text);
      }
      case CallOutcome.Trapped(String detail) -> {
        session.observer().trapped(name, detail);
        yield new CallResult.FailedInternally(CallResult.FATAL);
      }
      case CallOutcome.OutOfBudget() -> new CallResult.OutOfBudget();
      case CallOutcome.BadReturnCode(int code) -> {
        session.observer().trapped(name, "returned " + code);
        yield new CallResult.FailedInternally(CallResult.FATAL);
      }
    };
  }
}
