package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import java.util.Optional;

/**
 * One call over HTTP: connect, call, disconnect, three transactions in one drain. The answer is
 * durable. Source: spec http-api §6.
 */
public final class HttpCall extends Request {
  private final Visitor visitor;
  private final String function;
  private final Arguments arguments;
  private final Reply<CallResult> reply;

  /** A call of a function by its canonical name. */
  public HttpCall(Visitor visitor, String function, Arguments arguments, Reply<CallResult> reply) {
    this.visitor = visitor;
    this.function = function;
    this.arguments = arguments;
    this.reply = reply;
  }

  @Override
  public long bytes() {
    return arguments.size();
  }

  @Override
  void execute(Session session) {
    Caller caller = visitor.caller();
    Optional<CallResult> refused = session.connections().connect(caller, visitor.claims());
    CallResult result;
    if (refused.isPresent()) {
      result = refusal(refused.get());
    } else {
      result = run(session, caller);
      session.connections().disconnect(caller);
    }
    session.answerDurably(reply, result);
  }

  static CallResult.ConnectionRefused refusal(CallResult why) {
    return switch (why) {
      case CallResult.Failed(String error) -> new CallResult.ConnectionRefused(error, false);
      case CallResult.OutOfBudget() ->
          new CallResult.ConnectionRefused(CallResult.BUDGET_EXHAUSTED, true);
      case CallResult.FailedInternally(String error) ->
          new CallResult.ConnectionRefused(error, false);
      default -> throw new IllegalStateException("connect ended with " + why);
    };
  }

  private CallResult run(Session session, Caller caller) {
    return switch (session.calls().check(caller, function, arguments)) {
      case ReducerCalls.Checked.Refused(CallResult.NotRun why) -> why;
      case ReducerCalls.Checked.Callable(int reducer, byte[] encoded) ->
          session.calls().run(caller, null, reducer, encoded, session.clock().next());
    };
  }

  @Override
  public void refuse(EngineException why) {
    reply.refused(why);
  }
}
