package dev.dormouse.modulehost;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Names that a guest passes, in strict UTF-8. A guest of the public crate names its table on every
 * insert and update, from the same place in its memory, so names are kept by where they lie and
 * only compared with the bytes that lie there now.
 */
final class GuestNames {
  private static final int SLOTS = 64;
  private static final int KEPT_BYTES_MAX = 256;

  private static final class Name {
    private final int pointer;
    private final byte[] bytes;
    private final String text;

    Name(int pointer, byte[] bytes, String text) {
      this.pointer = pointer;
      this.bytes = bytes;
      this.text = text;
    }
  }

  private final LinearMemory memory;
  private final int bytesMax;
  private final @Nullable Name[] kept = new Name[SLOTS];

  /**
   * Names in one guest's memory.
   *
   * @param bytesMax a longer name traps
   */
  GuestNames(LinearMemory memory, int bytesMax) {
    this.memory = memory;
    this.bytesMax = bytesMax;
  }

  /** The name in a range that has been checked. */
  String read(int pointer, int length) {
    int slot = (pointer ^ (pointer >>> 6)) & (SLOTS - 1);
    Name candidate = kept[slot];
    if (candidate != null
        && candidate.pointer == pointer
        && candidate.bytes.length == length
        && memory.matches(pointer, candidate.bytes)) {
      return candidate.text;
    }
    if (length > bytesMax) {
      throw new HostTrap("a name of %d bytes, limit %d".formatted(length, bytesMax));
    }
    byte[] bytes = memory.readBytes(pointer, length);
    String text = decode(bytes);
    if (length <= KEPT_BYTES_MAX) {
      kept[slot] = new Name(pointer, bytes, text);
    }
    return text;
  }

  private static String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new HostTrap("a name of %d bytes that is not UTF-8".formatted(bytes.length));
    }
  }
}
