package dev.dormouse.modulehost;

/** What an import answers a guest instead of success. Source: spec module-abi §3. */
public enum Errno {
  /** The guest function, or a request that the host will not serve, failed. */
  HOST_CALL_FAILURE(1),
  /** A datastore import without an open transaction. */
  NOT_IN_TRANSACTION(2),
  /** A key, bound or row list that does not decode. Rows of insert and update trap instead. */
  BSATN_DECODE_ERROR(3),
  /** No table of that name or id. */
  NO_SUCH_TABLE(4),
  /** No index of that name or id. */
  NO_SUCH_INDEX(5),
  /** Not an open row iterator. */
  NO_SUCH_ITER(6),
  /** Not a running console timer. */
  NO_SUCH_CONSOLE_TIMER(7),
  /** Not a bytes source or sink of this call. */
  NO_SUCH_BYTES(8),
  /** No room for another bytes source. */
  NO_SPACE(9),
  /** A range scan of a hash index. */
  WRONG_INDEX_ALGO(10),
  /** The next chunk of rows does not fit in the guest's buffer. */
  BUFFER_TOO_SMALL(11),
  /** A unique column already holds that value. */
  UNIQUE_ALREADY_EXISTS(12),
  /** A schedule further away than 2^36 − 2 ms. */
  SCHEDULE_AT_DELAY_TOO_LONG(13),
  /** An update through an index that is not unique. */
  INDEX_NOT_UNIQUE(14),
  /** An update of a row that is not there. */
  NO_SUCH_ROW(15),
  /** A sequence that has run out; no host of today answers it. */
  AUTO_INC_OVERFLOW(16),
  /** A second transaction, or something that blocks, inside a transaction. */
  WOULD_BLOCK_TRANSACTION(17),
  /** Commit or abort without an anonymous transaction of one's own. */
  TRANSACTION_NOT_ANONYMOUS(18),
  /** Reserved. */
  TRANSACTION_IS_READ_ONLY(19),
  /** Reserved. */
  TRANSACTION_IS_MUT(20),
  /** An outbound HTTP request failed. */
  HTTP_ERROR(21);

  private final int code;

  Errno(int code) {
    this.code = code;
  }

  /** The number that the guest sees, 1 to 21. */
  public int code() {
    return code;
  }
}
