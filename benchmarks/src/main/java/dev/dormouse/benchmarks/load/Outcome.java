package dev.dormouse.benchmarks.load;

/** How a reducer call ended, in the order of the wire's tags. Source: spec client-protocol §9. */
enum Outcome {
  /** Committed. */
  OK,
  /** Committed, with neither value nor update. */
  OK_EMPTY,
  /** The reducer returned an error, such as insufficient funds. */
  ERROR,
  /** It trapped, or was refused before it ran. */
  INTERNAL_ERROR
}
