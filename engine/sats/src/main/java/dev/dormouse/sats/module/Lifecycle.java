package dev.dormouse.sats.module;

/** An event of a database's life that may run a reducer. In tag order. Source: data-model §6.1. */
public enum Lifecycle {
  /** The database was created. */
  INIT("Init"),
  /** A client connected. */
  ON_CONNECT("OnConnect"),
  /** A client disconnected. */
  ON_DISCONNECT("OnDisconnect");

  private final String display;

  Lifecycle(String display) {
    this.display = display;
  }

  /** The variant's name in a definition. */
  public String display() {
    return display;
  }

  static final Lifecycle[] BY_TAG = values();
}
