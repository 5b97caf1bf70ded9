package dev.dormouse.runtimenode.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a route says to a request. */
public sealed interface Answer {

  /** Content type of JSON. The official CLI compares it for equality: no charset parameter. */
  String JSON = "application/json";

  /** Content type of error texts. */
  String TEXT = "text/plain; charset=utf-8";

  /**
   * An answer known in full.
   *
   * @param status HTTP status
   * @param headers in the order written; {@code content-type} among them if there is a body
   * @param body empty for none
   */
  record Whole(int status, List<Map.Entry<String, String>> headers, Buffer body) implements Answer {
    /** Copies the headers. */
    public Whole {
      headers = List.copyOf(headers);
    }
  }

  /**
   * An answer whose body is written over time.
   *
   * @param status HTTP status
   * @param headers in the order written
   * @param writer called once, on the request's context, after the head was prepared; it ends the
   *     response and watches for its closing
   */
  record Streamed(
      int status, List<Map.Entry<String, String>> headers, Handler<HttpServerResponse> writer)
      implements Answer {
    /** Copies the headers. */
    public Streamed {
      headers = List.copyOf(headers);
    }
  }

  /** The route has taken the connection over (an upgrade) and answers by itself. */
  record TakenOver() implements Answer {}

  /** A status without a body. */
  static Answer empty(int status) {
    return new Whole(status, List.of(), Buffer.buffer());
  }

  /** A diagnostic or plain text. */
  static Answer text(int status, String text) {
    return of(status, TEXT, Buffer.buffer(text));
  }

  /** A JSON document, already encoded. */
  static Answer json(int status, String document) {
    return of(status, JSON, Buffer.buffer(document));
  }

  /** Any other body. */
  static Answer of(int status, String contentType, Buffer body) {
    return new Whole(status, List.of(Map.entry("content-type", contentType)), body);
  }

  /** The same answer with one more header. */
  default Answer with(String name, String value) {
    return switch (this) {
      case Whole(var status, var headers, var body) ->
          new Whole(status, appended(headers, name, value), body);
      case Streamed(var status, var headers, var writer) ->
          new Streamed(status, appended(headers, name, value), writer);
      case TakenOver() -> this;
    };
  }

  private static List<Map.Entry<String, String>> appended(
      List<Map.Entry<String, String>> headers, String name, String value) {
    var all = new ArrayList<>(headers);
    all.add(Map.entry(name, value));
    return all;
  }
}
