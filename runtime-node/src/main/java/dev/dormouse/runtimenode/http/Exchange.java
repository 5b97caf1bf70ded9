package dev.dormouse.runtimenode.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.Callable;

/** One request of {@code /v1}, as an endpoint sees it. Used on the request's event loop only. */
public final class Exchange {
  private final RoutingContext context;
  private final HttpLimits limits;
  private final Workers workers;

  Exchange(RoutingContext context, HttpLimits limits, Workers workers) {
    this.context = context;
    this.limits = limits;
    this.workers = workers;
  }

  /** A {@code :name} of the path pattern, percent-decoded. */
  public String pathParameter(String name) {
    String value = context.pathParam(name);
    if (value == null) {
      throw new IllegalStateException("the route has no path parameter " + name);
    }
    return value;
  }

  /** The first query parameter of that name; malformed percent-encoding is refused with 400. */
  public Optional<String> query(String name) {
    try {
      return context.queryParam(name).stream().findFirst();
    } catch (IllegalArgumentException | io.vertx.ext.web.handler.HttpException malformed) {
      throw Refusal.text(400, "the query string is not valid percent-encoding");
    }
  }

  /** A boolean query parameter: {@code true}, {@code false}, or absent; else 400. */
  public Optional<Boolean> queryFlag(String name) {
    return query(name)
        .map(
            text ->
                switch (text) {
                  case "true" -> true;
                  case "false" -> false;
                  default ->
                      throw Refusal.text(
                          400,
                          "query parameter `%s` must be `true` or `false`, got `%s`"
                              .formatted(name, text));
                });
  }

  /** The first header of that name. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(context.request().getHeader(name));
  }

  /** The whole body; larger than the ordinary limit is refused with 413. */
  public Future<Buffer> body() {
    return body(limits.bodyBytesMax());
  }

  /** The whole body, with a limit of its own in bytes. Call once. */
  public Future<Buffer> body(long bytesMax) {
    HttpServerRequest request = context.request();
    Promise<Buffer> promise = Promise.promise();
    Buffer gathered = Buffer.buffer();
    request.handler(
        chunk -> {
          if (gathered.length() + (long) chunk.length() > bytesMax) {
            promise.tryFail(tooLarge(bytesMax));
          } else if (!promise.future().isComplete()) {
            gathered.appendBuffer(chunk);
          }
        });
    request.exceptionHandler(promise::tryFail);
    request.endHandler(ignored -> promise.tryComplete(gathered));
    if (declaredLength(request) > bytesMax) {
      promise.tryFail(tooLarge(bytesMax));
    }
    request.resume();
    return promise.future();
  }

  /** Completes when the body has been read and thrown away. */
  public Future<Void> drained() {
    HttpServerRequest request = context.request();
    if (request.isEnded()) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    request.handler(ignored -> {});
    request.exceptionHandler(promise::tryFail);
    request.endHandler(ignored -> promise.tryComplete());
    request.resume();
    return promise.future();
  }

  /** Runs blocking work on a worker thread; the future completes on this request's context. */
  public <T> Future<T> work(Callable<T> blocking) {
    return workers.run(blocking);
  }

  /** What a failure says to the caller; what nobody expected is logged. */
  Answer answerTo(Throwable failure) {
    return Failures.answer(failure, context.request().method() + " " + context.normalizedPath());
  }

  /** The underlying context, for upgrades and for what is not covered here. */
  public RoutingContext raw() {
    return context;
  }

  private static long declaredLength(HttpServerRequest request) {
    String text = request.getHeader("content-length");
    if (text == null) {
      return 0;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException malformed) {
      throw Refusal.text(400, "content-length is not a number: " + text);
    }
  }

  private static Refusal tooLarge(long bytesMax) {
    return new Refusal(
        Answer.text(
                413, "the request body is larger than the limit of %d bytes".formatted(bytesMax))
            .with("connection", "close"));
  }
}
