package dev.dormouse.residence;

/** Who or what woke a database. */
public enum WakeReason {
  /** A client's connection. */
  CONNECT("connect"),
  /** A message on a connection that stayed open through the sleep. */
  MESSAGE("message"),
  /** A call over HTTP. */
  CALL("call"),
  /** A query over HTTP. */
  SQL("sql"),
  /** A publish, reset or other change by the owner. */
  PUBLISH("publish"),
  /** A client that left while it slept. */
  DISCONNECT("disconnect"),
  /** The start of the node, for connections that died with the last session. */
  START("start"),
  /** The node, to try again what has failed: its opening, or the storing of its last sleep. */
  UPKEEP("upkeep");

  private final String text;

  WakeReason(String text) {
    this.text = text;
  }

  /** The word the API uses. */
  public String text() {
    return text;
  }
}
