package dev.dormouse.residence;

/** The timed steps of a wake, in order. */
public enum WakeStep {
  /** Waiting for a place among the wakes that run. */
  ADMIT("admit"),
  /** Taking ownership and reading what the last sleep recorded. */
  OWN("own"),
  /** Reading and restoring the newest snapshot. */
  SNAPSHOT("snapshot"),
  /** Applying the records behind it, indexes included. */
  REPLAY("replay"),
  /** Loading the module's artefact and making an instance. */
  MODULE("module"),
  /** Re-attaching open sockets and running {@code client_disconnected} for dead ones. */
  ATTACH("attach");

  private final String text;

  WakeStep(String text) {
    this.text = text;
  }

  /** The word the API uses. */
  public String text() {
    return text;
  }
}
