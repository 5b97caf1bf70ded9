package dev.dormouse.simulation;

/** What a task is, for the scheduler's moods and the trace. */
enum TaskKind {
  /** Everybody who is not the node: callers, apps, owners, the operator. */
  OUTSIDE,
  /** The start of a process. */
  MAIN,
  /** Takes messages off sockets, in order. */
  EVENT_LOOP,
  /** Runs databases' lanes. */
  LANE,
  /** Wakes, sleeps, publishes. */
  WORKER,
  /** Carries messages to the archiver. */
  CHANNEL,
  /** Writes the journal. */
  WRITER,
  /** Ticks the residence. */
  TICKER
}
