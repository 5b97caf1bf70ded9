package dev.dormouse.auth;

/** What the owner of a database may do and others may not. Source: spec auth §6.1. */
public enum Action {
  /** Publish a new database. */
  CREATE("create database"),
  /** Publish to an existing one, ask what publishing would change, lock and unlock, environment. */
  UPDATE("update database"),
  /** Throw its data away. */
  RESET("reset database"),
  /** Delete it. */
  DELETE("delete database"),
  /** Replace its names. */
  RENAME("rename database"),
  /** Read what its module logged. */
  VIEW_LOGS("view module logs");

  private final String text;

  Action(String text) {
    this.text = text;
  }

  /** As refusals name it. */
  public String text() {
    return text;
  }
}
