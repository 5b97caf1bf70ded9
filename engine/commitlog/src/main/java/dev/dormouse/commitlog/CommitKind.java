package dev.dormouse.commitlog;

import dev.dormouse.sats.DecodeException;

/** What caused a commit; for audit and the timeline, replay treats all alike. */
public enum CommitKind {
  /** Creation of a database, or its update by publish, its migration and {@code init} included. */
  PUBLISH(1),
  /** A reducer called by a client. */
  REDUCER(2),
  /** A transaction of a procedure or of an HTTP handler. */
  PROCEDURE(3),
  /** A scheduled reducer that came due. */
  SCHEDULED(4),
  /** A client's coming or going. */
  LIFECYCLE(5),
  /** A statement of SQL. */
  SQL(6),
  /** The platform's own change, such as rows of dead connections removed after a crash. */
  SYSTEM(7);

  private final byte code;

  CommitKind(int code) {
    this.code = (byte) code;
  }

  /** The byte that stands for this kind in a record. */
  byte code() {
    return code;
  }

  static CommitKind ofCode(byte code) {
    for (CommitKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new DecodeException("commit kind " + (code & 0xff) + " is unknown");
  }
}
