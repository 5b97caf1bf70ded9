package dev.dormouse.auth;

import java.io.IOException;
import java.net.URI;

/**
 * Reads documents of strangers. Laws: a bounded time, a bounded size, no address that the operator
 * has not allowed, no redirect followed.
 */
@FunctionalInterface
public interface DocumentSource {
  /**
   * The body of a 200 answer.
   *
   * @throws IOException for everything else, with a text that may be shown to a caller
   */
  String read(URI address) throws IOException;
}
