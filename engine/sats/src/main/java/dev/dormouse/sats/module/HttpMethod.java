package dev.dormouse.sats.module;

/**
 * The HTTP method a route answers.
 *
 * <p>Source: spec data-model §6.1 (MethodOrAny and HttpMethod).
 */
public sealed interface HttpMethod {
  /** Every method. */
  record Any() implements HttpMethod {}

  /** One of the standard methods. */
  record Standard(Verb verb) implements HttpMethod {}

  /** A method by its name. */
  record Extension(String name) implements HttpMethod {}

  /** The standard methods, in tag order. */
  enum Verb {
    GET("Get"),
    HEAD("Head"),
    POST("Post"),
    PUT("Put"),
    DELETE("Delete"),
    CONNECT("Connect"),
    OPTIONS("Options"),
    TRACE("Trace"),
    PATCH("Patch");

    private final String display;

    Verb(String display) {
      this.display = display;
    }

    /** The variant's name in a definition. */
    public String display() {
      return display;
    }

    static final Verb[] BY_TAG = values();
  }

  /** Whether a request with this method, in capitals, is answered. */
  default boolean accepts(String method) {
    return switch (this) {
      case Any() -> true;
      case Standard(Verb verb) -> verb.name().equals(method);
      case Extension(String name) -> name.equals(method);
    };
  }
}
