package dev.dormouse.auth;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@link DocumentSource} over HTTP and HTTPS. A host is resolved once, its addresses are filtered,
 * and the connection goes to an address that passed: a name cannot mean one thing when it is
 * checked and another when it is used.
 */
public final class WebDocuments implements DocumentSource, AutoCloseable {
  /** Finds the addresses of a host. */
  @FunctionalInterface
  public interface Resolver {
    /** All addresses, at least one. */
    InetAddress[] addresses(String host) throws IOException;

    /** The system's. */
    static Resolver system() {
      return InetAddress::getAllByName;
    }
  }

  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final HttpClient client;
  private final Resolver resolver;
  private final AddressFilter filter;
  private final AuthLimits limits;

  /** Certificates are checked against the JVM's authorities. */
  public WebDocuments(Vertx vertx, Resolver resolver, AddressFilter filter, AuthLimits limits) {
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setKeepAlive(false)
                .setVerifyHost(true)
                .setConnectTimeout((int) limits.fetchTime().toMillis())
                .setDecompressionSupported(false)
                .setMaxPoolSize(limits.fetchesMax()));
    this.resolver = resolver;
    this.filter = filter;
    this.limits = limits;
  }

  @Override
  public String read(URI address) throws IOException {
    boolean secure = "https".equals(address.getScheme());
    int standardPort = secure ? HTTPS_PORT : HTTP_PORT;
    int port = address.getPort() < 0 ? standardPort : address.getPort();
    String host = address.getHost();
    InetAddress target =
        Arrays.stream(resolver.addresses(host))
            .filter(filter::allows)
            .findFirst()
            .orElseThrow(() -> new IOException("the address of %s is not allowed".formatted(host)));
    String path = address.getRawPath() == null ? "" : address.getRawPath();
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    var options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setServer(SocketAddress.inetSocketAddress(port, target.getHostAddress()))
            .setHost(host)
            .setPort(port)
            .setSsl(secure)
            .setURI((path.isEmpty() ? "/" : path) + query)
            .setFollowRedirects(false)
            .setTimeout(limits.fetchTime().toMillis())
            .putHeader("accept", "application/json");
    Future<String> body = client.request(options).compose(this::body);
    return await(body, address);
  }

  private Future<String> body(HttpClientRequest request) {
    return request
        .send()
        .compose(
            response -> {
              if (response.statusCode() != 200) {
                response.exceptionHandler(ignored -> {}); // our own reset, below
                request.reset();
                return Future.failedFuture(
                    new IOException("it was answered with status " + response.statusCode()));
              }
              return gathered(request, response);
            });
  }

  private Future<String> gathered(HttpClientRequest request, HttpClientResponse response) {
    Promise<String> promise = Promise.promise();
    Buffer gathered = Buffer.buffer();
    response.handler(
        chunk -> {
          if (gathered.length() + chunk.length() > limits.documentBytesMax()) {
            promise.tryFail(
                new IOException("it is larger than %d bytes".formatted(limits.documentBytesMax())));
            request.reset();
          } else {
            gathered.appendBuffer(chunk);
          }
        });
    response.exceptionHandler(promise::tryFail);
    response.endHandler(ignored -> promise.tryComplete(gathered.toString(StandardCharsets.UTF_8)));
    return promise.future();
  }

  private String await(Future<String> body, URI address) throws IOException {
    try {
      return body.toCompletionStage()
          .toCompletableFuture()
          .get(limits.fetchTime().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(address + ": " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new IOException(
          "%s: no answer within %d ms".formatted(address, limits.fetchTime().toMillis()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading " + address, e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
