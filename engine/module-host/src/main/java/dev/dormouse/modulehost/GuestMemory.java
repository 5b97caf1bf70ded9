package dev.dormouse.modulehost;

/**
 * The linear memory of one guest as the host sees it during an import.
 *
 * <p>Pointers are offsets from 0; what {@link HostCalls} is given has been checked, so that an
 * access outside {@link #size()} is a bug of the host and throws. Scalars are little-endian and may
 * lie on any offset. A view is valid only until the import returns.
 */
public interface GuestMemory {
  /** Bytes the guest may address now. */
  long size();

  /** Copies {@code length} bytes at {@code pointer} to the host. */
  void read(int pointer, byte[] destination, int offset, int length);

  /** Copies {@code length} bytes of the host to {@code pointer}. */
  void write(int pointer, byte[] source, int offset, int length);

  /** The byte at {@code pointer}. */
  byte readByte(int pointer);

  /** The two bytes at {@code pointer}. */
  short readShort(int pointer);

  /** The four bytes at {@code pointer}. */
  int readInt(int pointer);

  /** The eight bytes at {@code pointer}. */
  long readLong(int pointer);
}
