package dev.dormouse.benchmarks.load;

/** Where a run stands; it only moves forward. */
enum Phase {
  /** Sockets wait for their first message. */
  CONNECTING,
  /** Calls are made and not measured. */
  WARMING_UP,
  /** Calls are made and measured. */
  MEASURING,
  /** No more calls; results still come. */
  DRAINING,
  /** The thread ends. */
  OVER
}
