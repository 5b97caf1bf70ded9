package dev.dormouse.sats.json;

/** Which of the shapes of SATS-JSON. Source: spec data-model §5.1. */
public enum JsonForm {
  /** Values with names: products are objects, sums have their variant's name. */
  TYPED,
  /** As {@link #TYPED}, but a variant without payload carries {@code []}, as in definitions. */
  HOST_STRUCT,
  /** Values without names: products are arrays, sums are {@code [tag, value]}. */
  UNTYPED
}
