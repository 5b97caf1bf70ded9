package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import dev.dormouse.subscription.SetDelta;
import java.util.List;

/** A call of a reducer on a client's connection. Source: spec client-protocol §13. */
public final class ClientCall extends Request {
  private final Client client;
  private final int requestId;
  private final String function;
  private final Arguments.Bsatn arguments;

  /** A call; the client is told the result. */
  public ClientCall(Client client, int requestId, String function, Arguments.Bsatn arguments) {
    this.client = client;
    this.requestId = requestId;
    this.function = function;
    this.arguments = arguments;
  }

  @Override
  public long bytes() {
    return arguments.size();
  }

  @Override
  void execute(Session session) {
    if (!session.audience().has(client)) {
      return; // It was refused or has left; nobody is there to be answered.
    }
    switch (session.calls().check(client.caller(), function, arguments)) {
      case ReducerCalls.Checked.Refused(CallResult.NotRun why) ->
          client.reducerResult(requestId, session.clock().now(), why, List.of(), -1);
      case ReducerCalls.Checked.Callable(int reducer, byte[] encoded) -> {
        long timestamp = session.clock().next();
        CallResult result =
            session.calls().run(client.caller(), client, reducer, encoded, timestamp);
        List<SetDelta<EncodedUpdate>> own = session.calls().ownChanges();
        long offset = result instanceof CallResult.Committed ? session.commits().lastOffset() : -1;
        client.reducerResult(requestId, timestamp, result, own, offset);
      }
    }
    session.audience().touch(client);
  }

  @Override
  void refuseWrite(Session session, EngineException why) {
    if (session.audience().has(client)) {
      CallResult result = new CallResult.FailedInternally(why.text());
      client.reducerResult(requestId, session.clock().now(), result, List.of(), -1);
      session.audience().touch(client);
    }
  }

  @Override
  public void refuse(EngineException why) {
    client.requestRefused(why);
  }
}
