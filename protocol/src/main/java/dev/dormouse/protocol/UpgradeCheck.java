package dev.dormouse.protocol;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a request is a valid WebSocket upgrade: the second check of a handshake, after
 * authentication. Source: spec client-protocol §2.2.
 */
public final class UpgradeCheck {
  private UpgradeCheck() {}

  /**
   * An answer that refuses the upgrade.
   *
   * @param status HTTP status
   * @param text body
   * @param upgradeRequired whether {@code Connection: upgrade} and {@code Upgrade: websocket} are
   *     sent along
   */
  public record Refusal(int status, String text, boolean upgradeRequired) {}

  /**
   * Checks method and headers; lists hold a header's lines, none if it is missing.
   *
   * @return empty if the request may be upgraded
   */
  public static Optional<Refusal> refusal(
      String method,
      List<String> connection,
      List<String> upgrade,
      List<String> version,
      List<String> key) {
    if (!method.equals("GET")) {
      return refuse(405, "a WebSocket upgrade must be a GET request, got " + method);
    }
    if (!lists(connection, "upgrade")) {
      return Optional.of(new Refusal(426, "the Connection header must contain `upgrade`", true));
    }
    if (!lists(upgrade, "websocket")) {
      return Optional.of(new Refusal(426, "the Upgrade header must be `websocket`", true));
    }
    if (version.size() != 1 || !version.getFirst().strip().equals("13")) {
      return refuse(400, "the Sec-WebSocket-Version header must be 13");
    }
    if (key.isEmpty()) {
      return refuse(400, "the Sec-WebSocket-Key header is missing");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refuse(int status, String text) {
    return Optional.of(new Refusal(status, text, false));
  }

  private static boolean lists(List<String> headers, String token) {
    for (String header : headers) {
      for (String element : header.split(",", -1)) {
        if (element.strip().toLowerCase(Locale.ROOT).equals(token)) {
          return true;
        }
      }
    }
    return false;
  }
}
