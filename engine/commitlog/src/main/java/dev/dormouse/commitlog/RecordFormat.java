package dev.dormouse.commitlog;

import java.util.zip.CRC32C;

/**
 * Layout of a commit record, the same in journal files and in segment objects, whose headers carry
 * the version. All numbers are little-endian.
 *
 * <pre>
 * record     = bytes:u32 crc:u32 content            ; bytes = size of content, crc = CRC32C over
 *                                                   ; the four bytes of `bytes`, then content
 * content    = database:byte[32]                    ; BSATN form of the identity
 *              generation:u128                      ; the UUID as an integer
 *              epoch:u64 offset:u64                 ; both below 2^63
 *              timestamp:i64                        ; microseconds since 1970
 *              caller:byte[32]
 *              kind:u8                              ; CommitKind
 *              zero:u8                              ; reserved
 *              function:text16
 *              section*                             ; to the end of content
 * section    = tag:u8 bytes:u32 payload             ; bytes = size of payload
 * payload    = table:u32 rows:u32 row*              ; tag 1, deleted rows of a table
 *            | table:u32 rows:u32 row*              ; tag 2, inserted rows of a table
 *            | sequences:u32 (id:u32 next:i128)*    ; tag 3, next value of each sequence moved
 *            | byte*                                ; tag 128 to 255, an attribute: skippable
 * row        = size:leb128 byte[size]               ; 1 to 5 bytes of size, 7 bits each, low first
 * text16     = size:u16 byte[size]                  ; UTF-8
 * attribute  = 128: arguments as given to the function | 129: connection id, 16 bytes
 * </pre>
 *
 * Sections apply in the order written. A reader refuses an unknown tag below 128 and passes over
 * one from 128 on.
 */
final class RecordFormat {
  static final int CRC = 4;
  static final int PREFIX_BYTES = 8;
  static final int KEY = PREFIX_BYTES;
  static final int EPOCH = KEY + 48;
  static final int OFFSET = EPOCH + 8;
  static final int TIMESTAMP = OFFSET + 8;
  static final int CALLER = TIMESTAMP + 8;
  static final int KIND = CALLER + 32;
  static final int ZERO = KIND + 1;
  static final int FUNCTION_BYTES = ZERO + 1;
  static final int FUNCTION = FUNCTION_BYTES + 2;

  /** The smallest record: no function name, no section. */
  static final int BYTES_MIN = FUNCTION;

  /** The largest record any limit may allow; also keeps a group's magic from being a length. */
  static final int BYTES_MAX = 1 << 30;

  static final int FUNCTION_BYTES_MAX = 0xffff;

  static final int SECTION_BYTES = 5;
  static final int SECTION_COUNT = SECTION_BYTES + 4;
  static final int SEQUENCE_BYTES = 20;
  static final int DELETED = 1;
  static final int INSERTED = 2;
  static final int SEQUENCES = 3;
  static final int ATTRIBUTE_MIN = 128;

  private RecordFormat() {}

  /** Size of the record whose prefix stands here, prefix included; not yet to be trusted. */
  static long sizeAt(byte[] bytes, int at) {
    return Integer.toUnsignedLong(LittleEndian.getInt(bytes, at)) + PREFIX_BYTES;
  }

  /** The checksum that belongs into a record's prefix, its length being in place. */
  static int checksum(CRC32C crc, byte[] bytes, int at, int size) {
    crc.reset();
    crc.update(bytes, at, CRC);
    crc.update(bytes, at + PREFIX_BYTES, size - PREFIX_BYTES);
    return (int) crc.getValue();
  }

  /** Whether a whole record of this size stands here with the right checksum. */
  static boolean isIntact(CRC32C crc, byte[] bytes, int at, int size) {
    return size >= BYTES_MIN
        && sizeAt(bytes, at) == size
        && checksum(crc, bytes, at, size) == LittleEndian.getInt(bytes, at + CRC)
        && LittleEndian.getLong(bytes, at + EPOCH) >= 0
        && LittleEndian.getLong(bytes, at + OFFSET) >= 0
        && FUNCTION + LittleEndian.getU16(bytes, at + FUNCTION_BYTES) <= size;
  }
}
