package dev.dormouse.protocol;

/** What became of a procedure call. Source: spec client-protocol §9. */
public sealed interface ProcedureStatus {
  /** Its value in BSATN. */
  record Returned(ByteSlice value) implements ProcedureStatus {
    static final int TAG = 0;
  }

  /** Refused, trapped or out of budget. */
  record Internal(String error) implements ProcedureStatus {
    static final int TAG = 1;
  }
}
