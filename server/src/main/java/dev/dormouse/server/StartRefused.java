package dev.dormouse.server;

/** The process cannot start, for a reason its user can act on. The message says what to do. */
final class StartRefused extends Exception {
  private static final long serialVersionUID = 1L;

  StartRefused(String message) {
    super(message, null, false, false);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
