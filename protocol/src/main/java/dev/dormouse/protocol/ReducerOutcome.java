package dev.dormouse.protocol;

import dev.dormouse.protocol.ServerMessage.QuerySetUpdate;
import dev.dormouse.sats.BsatnReader;
import java.util.List;

/** What became of a reducer call. Source: spec client-protocol §9. */
public sealed interface ReducerOutcome {
  /** Committed; its value and what it changed for the caller. */
  record Ok(ByteSlice returned, List<QuerySetUpdate> querySets) implements ReducerOutcome {
    static final int TAG = 0;

    public Ok {
      querySets = List.copyOf(querySets);
    }
  }

  /** Committed, nothing to say; servers may send it, this one does not. */
  record OkEmpty() implements ReducerOutcome {
    static final int TAG = 1;
  }

  /** Rolled back by the reducer itself; BSATN of its error, a String. */
  record Err(ByteSlice error) implements ReducerOutcome {
    static final int TAG = 2;

    /** The error as text. */
    public String text() {
      return new BsatnReader(error.array(), error.offset(), error.length()).readString();
    }
  }

  /** Refused, trapped or out of budget. */
  record Internal(String error) implements ReducerOutcome {
    static final int TAG = 3;
  }
}
