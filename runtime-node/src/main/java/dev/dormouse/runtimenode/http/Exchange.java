package dev.dormouse.runtimenode.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;

/** One request of {@code /v1}, as an endpoint sees it. Used on the request's event loop only. */
public final class Exchange {
  private final RoutingContext context;
  private final HttpLimits limits;
  private final Workers workers;
  private final OpenRequests requests;

  /** Bytes of heap that were taken for the body. */
  private long held;

  Exchange(RoutingContext context, HttpLimits limits, Workers workers, OpenRequests requests) {
    this.context = context;
    this.limits = limits;
    this.workers = workers;
    this.requests = requests;
  }

  /** The request was answered: its body is not needed any more. */
  void end() {
    requests.release(held);
    held = 0;
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

  /** The ordinary limit of a body, in bytes. */
  public int bodyBytesMax() {
    return limits.bodyBytesMax();
  }

  /** The whole body; larger than the ordinary limit is refused with 413. */
  public Future<Buffer> body() {
    return body(limits.bodyBytesMax());
  }

  /**
   * The whole body, with a limit of its own in bytes. Call once. What is too large is refused with
   * 413, too slow with 408, more than the node has room for with 503, malformed with 400; and the
   * connection ends.
   */
  public Future<Buffer> body(long bytesMax) {
    return body(bytesMax, this::take);
  }

  /**
   * As {@link #body(long)}, with a share of the room for large bodies, which the caller closes when
   * it has no more use for the body.
   */
  public Future<Buffer> body(long bytesMax, UploadRoom.Share share) {
    return body(bytesMax, share::take);
  }

  /** Takes room among all bodies, or refuses with 503. */
  private void take(int bytes) {
    if (!requests.reserveBody(bytes)) {
      throw noRoom();
    }
    held += (long) OpenRequests.BODY_COPIES * bytes;
  }

  private Future<Buffer> body(long bytesMax, IntConsumer admit) {
    HttpServerRequest request = context.request();
    Promise<Buffer> promise = Promise.promise();
    Buffer gathered = Buffer.buffer();
    if (declaredLength(request) > bytesMax) {
      return Future.failedFuture(tooLarge(bytesMax));
    }
    request.handler(
        chunk -> {
          if (promise.future().isComplete()) {
            return;
          }
          try {
            if (gathered.length() + (long) chunk.length() > bytesMax) {
              throw tooLarge(bytesMax);
            }
            admit.accept(chunk.length());
            gathered.appendBuffer(chunk);
          } catch (Refusal refused) {
            // What was gathered is let go with these handlers.
            request.handler(ignored -> {});
            request.endHandler(ignored -> {});
            promise.tryFail(refused);
          }
        });
    read(request, promise, gathered);
    return promise.future();
  }

  /** Completes when the body has been read and thrown away. */
  public Future<Void> drained() {
    HttpServerRequest request = context.request();
    if (request.isEnded()) {
      return Future.succeededFuture();
    }
    Promise<Buffer> promise = Promise.promise();
    request.handler(ignored -> {});
    read(request, promise, Buffer.buffer());
    return promise.future().mapEmpty();
  }

  /** Reads to the end, if that comes in time. */
  private void read(HttpServerRequest request, Promise<Buffer> promise, Buffer gathered) {
    request.exceptionHandler(
        failure -> promise.tryFail(closing(400, "the body broke off: " + failure.getMessage())));
    request.endHandler(ignored -> promise.tryComplete(gathered));
    request.resume();
    if (!promise.future().isComplete()) {
      Deadline deadline = new Deadline(request, promise);
      deadline.set(limits.bodyTime().toMillis());
      promise.future().onComplete(ignored -> deadline.cancel());
    }
  }

  /** The time for a body: more for what has come than for what has not. */
  private final class Deadline {
    private final HttpServerRequest request;
    private final Promise<Buffer> promise;
    private final long begun = System.nanoTime();
    private long timer;

    Deadline(HttpServerRequest request, Promise<Buffer> promise) {
      this.request = request;
      this.promise = promise;
    }

    void set(long millis) {
      timer = context.vertx().setTimer(Math.max(1, millis), ignored -> look());
    }

    void cancel() {
      context.vertx().cancelTimer(timer);
    }

    private void look() {
      long most = limits.bodyTime().plus(limits.timeFor(request.bytesRead())).toMillis();
      long took = (System.nanoTime() - begun) / 1_000_000;
      if (took < most) {
        set(most - took);
      } else {
        promise.tryFail(
            closing(
                408,
                "%d bytes of the body came in %d s; it may take %d s, and 1 s more for each %d bytes"
                    .formatted(
                        request.bytesRead(),
                        took / 1_000,
                        limits.bodyTime().toSeconds(),
                        limits.bytesPerSecond())));
      }
    }
  }

  /** Whether so many bytes are too many to be looked at on the event loop. */
  public boolean isLong(Buffer body) {
    return body.length() > limits.inlineBytes();
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
      throw closing(400, "content-length is not a number: " + text);
    }
  }

  private static Refusal tooLarge(long bytesMax) {
    return closing(
        413, "the request body is larger than the limit of %d bytes".formatted(bytesMax));
  }

  private Refusal noRoom() {
    return new Refusal(
        Answer.text(
                503,
                "the requests under way hold as much as they may, at most %d bytes; try again"
                    .formatted(limits.bodiesBytes()))
            .with("retry-after", Long.toString(limits.retryAfter().toSeconds()))
            .with("connection", "close"));
  }

  /** A refusal after which the connection ends, since what follows is not a request. */
  private static Refusal closing(int status, String text) {
    return new Refusal(Answer.text(status, text).with("connection", "close"));
  }
}
