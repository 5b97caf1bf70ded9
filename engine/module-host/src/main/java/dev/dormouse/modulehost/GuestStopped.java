package dev.dormouse.modulehost;

/**
 * Unwinds a guest that was stopped while a host call ran. Without a stack trace: the state of the
 * call says all there is to know.
 */
final class GuestStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GuestStopped() {
    super("guest stopped", null, false, false);
  }
}
