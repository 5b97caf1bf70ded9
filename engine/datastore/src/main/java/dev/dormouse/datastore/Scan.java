package dev.dormouse.datastore;

/** What became of the wish for a scan: a cursor, or a refusal. */
public sealed interface Scan permits RowCursor, Scan.Refused {
  /** No scan: unknown table or index, bad encoding, or a range of an index that has none. */
  enum Refused implements Scan {
    NO_SUCH_TABLE(Outcome.NO_SUCH_TABLE),
    NO_SUCH_INDEX(Outcome.NO_SUCH_INDEX),
    BSATN_DECODE_ERROR(Outcome.BSATN_DECODE_ERROR),
    WRONG_INDEX_ALGORITHM(Outcome.WRONG_INDEX_ALGORITHM);

    private final Outcome outcome;

    Refused(Outcome outcome) {
      this.outcome = outcome;
    }

    /** Why. */
    public Outcome outcome() {
      return outcome;
    }
  }
}
