package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnWriter;
import java.util.List;

/**
 * What a client sends in v2 and v3. Ids are the 32 bits of a U32, unsigned.
 *
 * <p>Flags whose only legal value is 0 are not kept. Source: spec client-protocol §8, since-2.8 §5.
 */
public sealed interface ClientMessage {
  /** The client's number for this request, repeated in the answer. */
  int requestId();

  /** Writes the BSATN form. */
  void write(BsatnWriter out);

  /** Starts a query set, empty or not. */
  record Subscribe(int requestId, int querySetId, List<String> queries) implements ClientMessage {
    static final int TAG = 0;

    public Subscribe {
      queries = List.copyOf(queries);
    }

    @Override
    public void write(BsatnWriter out) {
      out.writeTag(TAG).writeI32(requestId).writeI32(querySetId);
      writeQueries(out, queries);
    }
  }

  /**
   * Ends a query set.
   *
   * @param sendDroppedRows whether the answer repeats the set's rows
   */
  record Unsubscribe(int requestId, int querySetId, boolean sendDroppedRows)
      implements ClientMessage {
    static final int TAG = 1;

    @Override
    public void write(BsatnWriter out) {
      out.writeTag(TAG).writeI32(requestId).writeI32(querySetId).writeBool(sendDroppedRows);
    }
  }

  /** Asks for the rows of a query, once. */
  record OneOffQuery(int requestId, String query) implements ClientMessage {
    static final int TAG = 2;

    @Override
    public void write(BsatnWriter out) {
      out.writeTag(TAG).writeI32(requestId).writeString(query);
    }
  }

  /**
   * Calls a reducer.
   *
   * @param args BSATN of the argument product: a view of the frame it came in
   */
  record CallReducer(int requestId, String reducer, ByteSlice args) implements ClientMessage {
    static final int TAG = 3;

    @Override
    public void write(BsatnWriter out) {
      writeCall(out, TAG, requestId, reducer, args);
    }
  }

  /**
   * Calls a procedure.
   *
   * @param args BSATN of the argument product: a view of the frame it came in
   */
  record CallProcedure(int requestId, String procedure, ByteSlice args) implements ClientMessage {
    static final int TAG = 4;

    @Override
    public void write(BsatnWriter out) {
      writeCall(out, TAG, requestId, procedure, args);
    }
  }

  /** Starts several query sets at one point of the transaction order. */
  record SubscribeBatch(int requestId, List<QuerySet> sets) implements ClientMessage {
    static final int TAG = 5;

    public SubscribeBatch {
      sets = List.copyOf(sets);
    }

    @Override
    public void write(BsatnWriter out) {
      out.writeTag(TAG).writeI32(requestId).writeI32(sets.size());
      for (QuerySet set : sets) {
        out.writeI32(set.querySetId());
        writeQueries(out, set.queries());
      }
    }
  }

  /** One query set of a {@link SubscribeBatch}. */
  record QuerySet(int querySetId, List<String> queries) {
    public QuerySet {
      queries = List.copyOf(queries);
    }
  }

  private static void writeQueries(BsatnWriter out, List<String> queries) {
    out.writeI32(queries.size());
    for (String query : queries) {
      out.writeString(query);
    }
  }

  private static void writeCall(
      BsatnWriter out, int tag, int requestId, String function, ByteSlice args) {
    out.writeTag(tag)
        .writeI32(requestId)
        .writeU8(0)
        .writeString(function)
        .writeBytes(args.array(), args.offset(), args.length());
  }
}
