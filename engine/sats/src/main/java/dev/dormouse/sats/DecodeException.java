package dev.dormouse.sats;

/**
 * Bytes or text that are no value of the type they were read at. The message says where and why.
 */
public final class DecodeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DecodeException(String message) {
    super(message);
  }

  public DecodeException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The message; never null. */
  public String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
