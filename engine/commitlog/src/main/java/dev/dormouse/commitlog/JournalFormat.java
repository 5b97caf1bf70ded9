package dev.dormouse.commitlog;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Layout of a journal file. All numbers are little-endian; records as at {@link RecordFormat}.
 *
 * <pre>
 * file   = header group*
 * header = "DORMJRNL" major:u16 minor:u16 zero:u32
 *          sequence:u64                        ; the number in the file's name
 *          first:u64                           ; number of the file's first group
 *          salt:u64                            ; drawn per file
 *          crc:u32                             ; CRC32C of the header up to here
 * group  = magic:u32                           ; 0xd0a3e0ca, larger than any record's length
 *          records:u32 bytes:u32               ; how many records follow, and their size
 *          number:u64                          ; 0, 1, 2, … over all files of the journal
 *          salt:u64                            ; the file's
 *          crc:u32                             ; CRC32C of the group's header up to here
 *          record*
 * </pre>
 *
 * A group is what one append wrote and one sync made durable; the next group is written only after
 * that. So a bad group with a later group behind it was durable once: corruption. A bad group with
 * none behind it is a torn tail. The salt keeps a row's bytes from posing as a later group.
 *
 * <p>Files are {@code <sequence>.journal}. Where one was removed while an older one had to stay,
 * {@code <sequence>-<first group>-<last group>.trimmed} says so, and is empty.
 *
 * <p>{@code <sequence>.index} says what is where in a file that is not appended to any more, as at
 * {@link FileIndex}.
 *
 * <p>Version 1.0. A reader refuses another major version, once there is a second one the one before
 * it excepted.
 */
final class JournalFormat {
  static final int MAJOR = 1;
  static final int MINOR = 0;

  static final int HEADER_BYTES = 44;
  static final int GROUP_BYTES = 32;

  /** "DORMJRNL". */
  private static final long MAGIC = 0x4c4e524a4d524f44L;

  static final int GROUP_MAGIC = 0xd0a3e0ca;

  private static final Pattern FILE_NAME = Pattern.compile("(\\d{10,18})\\.journal");
  private static final Pattern INDEX_NAME = Pattern.compile("(\\d{10,18})\\.index");
  private static final Pattern MARKER_NAME =
      Pattern.compile("(\\d{10,18})-(\\d{1,18})-(\\d{1,18})\\.trimmed");

  private JournalFormat() {}

  /** A file's header, found right. */
  record Header(long sequence, long firstGroup, long salt) {}

  /** A group's header, found right. */
  record Group(int records, long bytes, long number) {}

  /** A journal file that was removed before an older one. */
  record Trimmed(long sequence, long firstGroup, long lastGroup) {
    String name() {
      return "%010d-%d-%d.trimmed".formatted(sequence, firstGroup, lastGroup);
    }
  }

  static String fileName(long sequence) {
    return "%010d.journal".formatted(sequence);
  }

  static Optional<Long> sequenceOf(String name) {
    return sequenceOf(FILE_NAME, name);
  }

  /** The sequence of the journal file whose index has this name; laid out at {@link FileIndex}. */
  static Optional<Long> indexedSequenceOf(String name) {
    return sequenceOf(INDEX_NAME, name);
  }

  private static Optional<Long> sequenceOf(Pattern pattern, String name) {
    Matcher matcher = pattern.matcher(name);
    return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
  }

  static Optional<Trimmed> trimmedOf(String name) {
    Matcher matcher = MARKER_NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(
            new Trimmed(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }

  private static int checksum(byte[] bytes, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, at, length);
    return (int) crc.getValue();
  }

  static byte[] header(Header header) {
    byte[] bytes = new byte[HEADER_BYTES];
    LittleEndian.putLong(bytes, 0, MAGIC);
    LittleEndian.putU16(bytes, 8, MAJOR);
    LittleEndian.putU16(bytes, 10, MINOR);
    LittleEndian.putLong(bytes, 16, header.sequence);
    LittleEndian.putLong(bytes, 24, header.firstGroup);
    LittleEndian.putLong(bytes, 32, header.salt);
    LittleEndian.putInt(bytes, 40, checksum(bytes, 0, 40));
    return bytes;
  }

  /** The header that stands at the start of the bytes, if it is whole and of this journal. */
  static Optional<Header> headerOf(byte[] bytes, long sequence) {
    Header header =
        new Header(
            LittleEndian.getLong(bytes, 16),
            LittleEndian.getLong(bytes, 24),
            LittleEndian.getLong(bytes, 32));
    boolean right =
        LittleEndian.getLong(bytes, 0) == MAGIC
            && LittleEndian.getInt(bytes, 40) == checksum(bytes, 0, 40)
            && header.sequence == sequence
            && header.firstGroup >= 0;
    return right ? Optional.of(header) : Optional.empty();
  }

  /** The major version in a header that is otherwise right. */
  static int majorOf(byte[] bytes) {
    return LittleEndian.getU16(bytes, 8);
  }

  static void putGroup(byte[] bytes, int at, Group group, long salt) {
    LittleEndian.putInt(bytes, at, GROUP_MAGIC);
    LittleEndian.putInt(bytes, at + 4, group.records);
    LittleEndian.putInt(bytes, at + 8, (int) group.bytes);
    LittleEndian.putLong(bytes, at + 12, group.number);
    LittleEndian.putLong(bytes, at + 20, salt);
    LittleEndian.putInt(bytes, at + 28, checksum(bytes, at, 28));
  }

  /** Whether a group's header may stand here; cheap, {@link #groupAt} says whether it does. */
  static boolean looksLikeGroup(byte[] bytes, int at) {
    return LittleEndian.getInt(bytes, at) == GROUP_MAGIC;
  }

  /** The group's header that stands here, if it is whole and of this file. */
  static Optional<Group> groupAt(byte[] bytes, int at, long salt) {
    boolean right =
        looksLikeGroup(bytes, at)
            && LittleEndian.getLong(bytes, at + 20) == salt
            && LittleEndian.getInt(bytes, at + 28) == checksum(bytes, at, 28);
    return right
        ? Optional.of(
            new Group(
                LittleEndian.getInt(bytes, at + 4),
                Integer.toUnsignedLong(LittleEndian.getInt(bytes, at + 8)),
                LittleEndian.getLong(bytes, at + 12)))
        : Optional.empty();
  }
}
