package dev.dormouse.runtimenode.databases;

import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.Refusal;
import java.util.List;
import java.util.regex.Pattern;

/** The query parameters of publishing; what is malformed is refused. Source: spec http-api §5. */
final class PublishOptions {
  private static final int REPLICAS_MAX = 255;

  /** One or more numbers with units, such as {@code 5s} or {@code 1m 30s}. */
  private static final Pattern DURATION =
      Pattern.compile("\\s*(?:[0-9]{1,18}\\s*[a-zA-Z]{1,7}\\s*)+");

  private PublishOptions() {}

  /**
   * Checks the parameters of publish and reset. A wait for durability is not cut short by {@code
   * update_confirmation_timeout}: the answer comes when the update is durable or has failed.
   *
   * @throws Refusal 400 naming the first that is wrong
   */
  static void checkPublish(Exchange exchange) {
    checkHost(exchange);
    exchange.query("num_replicas").ifPresent(PublishOptions::checkReplicas);
    checkChoice(exchange, "policy", List.of("Compatible", "BreakClients"));
    boolean breaks = exchange.query("policy").stream().anyMatch("BreakClients"::equals);
    if (breaks && exchange.query("token").isEmpty()) {
      throw Refusal.text(400, "`policy=BreakClients` needs the `token` that pre_publish answered");
    }
    exchange
        .query("update_confirmation_timeout")
        .filter(text -> !DURATION.matcher(text).matches())
        .ifPresent(
            text -> {
              throw Refusal.text(
                  400,
                  "`update_confirmation_timeout` must be a duration such as `5s` or `1m`, got `%s`"
                      .formatted(text));
            });
  }

  /**
   * Checks the parameters of pre_publish. The style has no effect: plans are plain text.
   *
   * @throws Refusal 400 naming the first that is wrong
   */
  static void checkPlan(Exchange exchange) {
    checkHost(exchange);
    checkChoice(exchange, "style", List.of("AnsiColor", "NoColor"));
  }

  private static void checkHost(Exchange exchange) {
    checkChoice(exchange, "host_type", List.of("Wasm", "Js"));
    if (exchange.query("host_type").stream().anyMatch("Js"::equals)) {
      throw Refusal.text(400, "`host_type=Js`: this server does not run JavaScript modules yet");
    }
  }

  private static void checkChoice(Exchange exchange, String name, List<String> choices) {
    exchange
        .query(name)
        .filter(text -> !choices.contains(text))
        .ifPresent(
            text -> {
              throw Refusal.text(
                  400,
                  "`%s` must be `%s`, got `%s`"
                      .formatted(name, String.join("` or `", choices), text));
            });
  }

  private static void checkReplicas(String text) {
    if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > REPLICAS_MAX) {
      throw Refusal.text(
          400,
          "`num_replicas` must be a number from 0 to %d, got `%s`".formatted(REPLICAS_MAX, text));
    }
  }
}
