package dev.dormouse.sats.module;

/** Who may call a function. In tag order. Source: data-model §6.1. */
public enum Visibility {
  /** Only the database itself and its owner. */
  PRIVATE,
  /** Every client. */
  CLIENT_CALLABLE;

  static final Visibility[] BY_TAG = values();
}
