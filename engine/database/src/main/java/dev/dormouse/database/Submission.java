package dev.dormouse.database;

/** What became of the wish to queue a request. */
public enum Submission {
  /** It will be executed, or handed to {@link DatabaseObserver#leftOver}. */
  QUEUED,
  /** Not queued: as many wait as may. */
  FULL,
  /** Not queued: this life of the database is over. */
  OVER
}
