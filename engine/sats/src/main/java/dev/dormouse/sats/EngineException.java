package dev.dormouse.sats;

import java.util.Objects;

/**
 * A refusal: something was asked that the engine will not do, and the code says who must act.
 *
 * <p>Not for bugs (those are {@link IllegalStateException}) and not for expected outcomes (those
 * are values). The message says what was refused, the value, the limit and its unit.
 */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Who must act. */
  public enum Code {
    /** The caller of a function, route or query: malformed or oversized input, no permission. */
    CALLER,
    /** The owner of the database: a module or its data is not acceptable. */
    TENANT,
    /** Whoever runs this node: disk, memory, configuration, corrupt files. */
    OPERATOR,
    /** Nobody: the same request may succeed later. */
    RETRY
  }

  private final Code code;

  public EngineException(Code code, String message) {
    super(Objects.requireNonNull(message));
    this.code = Objects.requireNonNull(code);
  }

  public EngineException(Code code, String message, Throwable cause) {
    super(Objects.requireNonNull(message), cause);
    this.code = Objects.requireNonNull(code);
  }

  /** Who must act. */
  public Code code() {
    return code;
  }

  /** The message; never null. */
  public String text() {
    return Objects.requireNonNullElse(getMessage(), "");
  }

  /** A refusal that the caller can mend. */
  public static EngineException caller(String message) {
    return new EngineException(Code.CALLER, message);
  }

  /** A refusal that the database's owner can mend. */
  public static EngineException tenant(String message) {
    return new EngineException(Code.TENANT, message);
  }

  /** A refusal that the node's operator can mend. */
  public static EngineException operator(String message) {
    return new EngineException(Code.OPERATOR, message);
  }

  /** A refusal that time may mend. */
  public static EngineException retry(String message) {
    return new EngineException(Code.RETRY, message);
  }
}
