package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.HttpCall;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Calls of functions. Source: spec http-api §6. */
public final class CallRoutes implements RouteGroup {
  private static final int REDUCER_FAILED = 530;

  private final DatabaseAccess access;
  private final Residence residence;

  /** Calls into the databases of a residence. */
  public CallRoutes(DatabaseAccess access, Residence residence) {
    this.access = access;
    this.residence = residence;
  }

  @Override
  public void mount(RouteTable routes) {
    routes.database(HttpMethod.POST, "/v1/database/:db/call/:function", access.of(this::call));
  }

  private Future<Answer> call(DatabaseExchange exchange) {
    requireJson(exchange);
    String function = exchange.http().pathParameter("function");
    long begun = System.nanoTime();
    return access
        .database(exchange.http())
        .compose(
            database ->
                exchange
                    .http()
                    .body()
                    .compose(body -> utf8(exchange.http(), body))
                    .compose(
                        json -> {
                          DatabaseAccess.Replied<CallResult> reply = DatabaseAccess.replied();
                          residence.submit(
                              database.key(),
                              WakeReason.CALL,
                              new HttpCall(
                                  exchange.visitor(), function, new Arguments.Json(json), reply));
                          return reply.future();
                        }))
        .map(result -> answer(result, (System.nanoTime() - begun) / 1_000));
  }

  private static void requireJson(DatabaseExchange exchange) {
    String type =
        exchange
            .http()
            .header("content-type")
            .orElseThrow(
                () ->
                    Refusal.text(
                        400,
                        "the header `Content-Type` is missing; add `Content-Type: application/json`"));
    if (!type.equals(Answer.JSON)) {
      throw Refusal.text(
          415,
          "the header `Content-Type` is `%s`, must be exactly `application/json`".formatted(type));
    }
  }

  private static Future<byte[]> utf8(Exchange exchange, Buffer body) {
    return exchange.isLong(body)
        ? exchange.work(() -> utf8(body.getBytes()))
        : Future.succeededFuture(utf8(body.getBytes()));
  }

  private static byte[] utf8(byte[] body) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
      return body;
    } catch (CharacterCodingException e) {
      throw Refusal.text(400, "the body is not UTF-8");
    }
  }

  static Answer answer(CallResult result, long micros) {
    return switch (result) {
      case CallResult.Committed() -> ran(Answer.text(200, ""), micros);
      case CallResult.Failed(String error) -> ran(Answer.text(REDUCER_FAILED, error), micros);
      case CallResult.FailedInternally(String error) ->
          ran(Answer.text(REDUCER_FAILED, error), micros);
      case CallResult.OutOfBudget() -> ran(Answer.text(402, CallResult.BUDGET_EXHAUSTED), micros);
      case CallResult.InvalidArguments(String error) -> Answer.text(400, error);
      case CallResult.LifecycleReducer(String error) -> Answer.text(400, error);
      case CallResult.NoSuchFunction(String ignored) -> Answer.text(404, "No such procedure");
      case CallResult.NotBuiltYet(String error) -> Answer.text(501, error);
      case CallResult.ConnectionRefused(String error, boolean outOfBudget) ->
          Answer.text(outOfBudget ? 503 : 403, error);
    };
  }

  private static Answer ran(Answer answer, long micros) {
    return answer
        .with("spacetime-energy-used", "0")
        .with("spacetime-execution-duration-micros", Long.toString(micros));
  }
}
