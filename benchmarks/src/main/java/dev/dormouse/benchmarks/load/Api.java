package dev.dormouse.benchmarks.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The HTTP side of a server. Source: spec http-api. Every answer but 200 is an {@link IOException}
 * with its text.
 */
public final class Api implements AutoCloseable {
  private static final Pattern TOKEN = Pattern.compile("\"token\"\\s*:\\s*\"([^\"]+)\"");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI url;
  private final Duration wait;
  private final String token;

  /** Uses this token; without one a fresh identity. */
  public Api(URI url, Optional<String> token, Duration wait)
      throws IOException, InterruptedException {
    this.url = url;
    this.wait = wait;
    this.token = token.isPresent() ? token.get() : freshToken();
  }

  private String freshToken() throws IOException, InterruptedException {
    String answer = send(HttpRequest.newBuilder(url.resolve("/v1/identity")), "POST", new byte[0]);
    Matcher found = TOKEN.matcher(answer);
    if (!found.find()) {
      throw new IOException("POST /v1/identity gave no token but " + answer);
    }
    return found.group(1);
  }

  public String token() {
    return token;
  }

  public void publish(String database, byte[] module) throws IOException, InterruptedException {
    send("PUT", "/v1/database/" + database, module);
  }

  public void call(String database, String reducer, String arguments)
      throws IOException, InterruptedException {
    send(
        "POST",
        "/v1/database/" + database + "/call/" + reducer,
        arguments.getBytes(StandardCharsets.UTF_8));
  }

  public String sql(String database, String query) throws IOException, InterruptedException {
    return send(
        "POST", "/v1/database/" + database + "/sql", query.getBytes(StandardCharsets.UTF_8));
  }

  /** Any request as this identity; the body of its answer. */
  public String send(String method, String path, byte[] body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(url.resolve(path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json"),
        method,
        body);
  }

  private String send(HttpRequest.Builder request, String method, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest built =
        request.timeout(wait).method(method, HttpRequest.BodyPublishers.ofByteArray(body)).build();
    HttpResponse<String> answer =
        client.send(built, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    if (answer.statusCode() != 200) {
      throw new IOException(
          "%s %s was answered %d: %s"
              .formatted(method, built.uri().getPath(), answer.statusCode(), answer.body()));
    }
    return answer.body();
  }

  @Override
  public void close() {
    client.close();
  }
}
