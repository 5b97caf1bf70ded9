package dev.dormouse.commitlog;

import dev.dormouse.sats.DecodeException;

/**
 * An object of the archive: a stretch of one database's log, or the mark that an epoch has begun.
 *
 * <p>All numbers are little-endian; records as at {@link RecordFormat}.
 *
 * <pre>
 * object  = header packed:byte[packedBytes] crc:u32      ; CRC32C of packed
 * header  = "DORMSEGM" major:u16 minor:u16
 *           kind:u8 zero:byte[3]                         ; 1 records, 2 epoch marker
 *           database:byte[32] generation:u128
 *           sequence:u64 epoch:u64
 *           first:u64 last:u64                           ; of a marker both the epoch's first offset
 *           firstTimestamp:i64 lastTimestamp:i64         ; microseconds since 1970; of a marker 0
 *           module:byte[32] owner:byte[32]
 *           records:u32 rawBytes:u32 packedBytes:u32     ; of a marker 0
 *           crc:u32                                      ; CRC32C of the header up to here
 * packed  = one zstd frame of record*                    ; of a marker nothing
 * </pre>
 *
 * <p>Version 1.0. A reader refuses another major version, once there is a second one the one before
 * it excepted.
 */
public sealed interface SegmentObject {
  /** Bytes of the header: enough to read for {@link #decodeHeader}. */
  int HEADER_BYTES = SegmentFormat.HEADER_BYTES;

  /** What the object says of itself. */
  SegmentHeader header();

  /**
   * A stretch of the log.
   *
   * @param header of the same database and epoch as the records
   * @param batch the records
   */
  record Records(SegmentHeader header, RecordBatch batch) implements SegmentObject {
    public Records {
      if (!header.key().equals(batch.key()) || !header.epoch().equals(batch.epoch())) {
        throw new IllegalArgumentException(
            "records of %s, epoch %s under the header of %s, epoch %s"
                .formatted(batch.key(), batch.epoch(), header.key(), header.epoch()));
      }
    }
  }

  /**
   * The mark that an epoch has begun; an owner of an earlier epoch who finds its next name taken by
   * one has been fenced.
   *
   * @param header of the epoch
   * @param first the first offset that the epoch may write
   */
  record EpochMarker(SegmentHeader header, TxOffset first) implements SegmentObject {}

  /**
   * What a header tells of the object behind it.
   *
   * @param header what the object says of itself
   * @param marker whether it is an epoch marker
   * @param first the first offset, or that of the epoch
   * @param last the last offset; the first again for a marker
   * @param firstTimestampMicros of the first record, 0 for a marker
   * @param lastTimestampMicros of the last record, 0 for a marker
   * @param records how many, 0 for a marker
   * @param objectBytes of the whole object
   */
  record Summary(
      SegmentHeader header,
      boolean marker,
      TxOffset first,
      TxOffset last,
      long firstTimestampMicros,
      long lastTimestampMicros,
      int records,
      long objectBytes) {}

  /** The object's bytes. */
  default byte[] encode() {
    return SegmentFormat.encode(this);
  }

  /**
   * Reads a header, which the object's first {@link #HEADER_BYTES} bytes are enough for.
   *
   * @throws DecodeException if it is none, is damaged or of an unknown version
   */
  static Summary decodeHeader(byte[] bytes) {
    return SegmentFormat.summary(bytes);
  }

  /**
   * Reads an object and checks every byte of it.
   *
   * @throws DecodeException if it is damaged, too large for the limits, or of an unknown version
   */
  static SegmentObject decode(byte[] bytes, LogLimits limits) {
    return SegmentFormat.decode(bytes, limits);
  }
}
