package dev.dormouse.modulehost;

/**
 * Ends the guest's call because of what it asked for, where the ABI has no errno to say it: the
 * call becomes {@link CallOutcome.Trapped} and its instance is poisoned.
 *
 * <p>Thrown by {@link HostCalls}; the message goes to the server's log, not to the caller.
 */
public final class HostTrap extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public HostTrap(String message) {
    super(message);
  }
}
