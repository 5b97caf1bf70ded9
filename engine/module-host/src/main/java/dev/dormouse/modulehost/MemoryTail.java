package dev.dormouse.modulehost;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What of a large memory lies above the window of {@link LinearMemory}: pages, each of which exists
 * from the first write to it on; the others read as zero. Addresses are the guest's, and have been
 * checked. Used by one thread at a time.
 */
final class MemoryTail {
  private static final int PAGE_BYTES = LinearMemory.PAGE_BYTES;
  private static final int PAGE_MASK = PAGE_BYTES - 1;
  private static final int PAGE_BITS = Integer.numberOfTrailingZeros(PAGE_BYTES);

  private byte[] @Nullable [] pages = new byte[0][];
  private int written;

  /** Heap that the pages take. */
  long residentBytes() {
    return (long) written * PAGE_BYTES;
  }

  /** Whether an access lies in one page. */
  static boolean isInOnePage(int address, int bytes) {
    return (address & PAGE_MASK) <= PAGE_BYTES - bytes;
  }

  /** The little-endian value of 1, 2, 4 or 8 bytes in one page. */
  long read(int address, int bytes) {
    byte[] page = page(address);
    return page == null ? 0 : Scalars.read(page, address & PAGE_MASK, bytes);
  }

  /** Writes the lowest 1, 2, 4 or 8 bytes of a value into one page, little-endian. */
  void write(int address, int bytes, long value) {
    Scalars.write(pageToWrite(address), address & PAGE_MASK, bytes, value);
  }

  void read(int from, byte[] destination, int offset, int length) {
    int done = 0;
    while (done < length) {
      int at = (from + done) & PAGE_MASK;
      int piece = Math.min(length - done, PAGE_BYTES - at);
      byte[] page = page(from + done);
      if (page == null) {
        Arrays.fill(destination, offset + done, offset + done + piece, (byte) 0);
      } else {
        System.arraycopy(page, at, destination, offset + done, piece);
      }
      done += piece;
    }
  }

  void write(int to, byte[] source, int offset, int length) {
    int done = 0;
    while (done < length) {
      int at = (to + done) & PAGE_MASK;
      int piece = Math.min(length - done, PAGE_BYTES - at);
      System.arraycopy(source, offset + done, pageToWrite(to + done), at, piece);
      done += piece;
    }
  }

  void fill(byte value, int from, int to) {
    int address = from;
    while (address < to) {
      int at = address & PAGE_MASK;
      int piece = Math.min(to - address, PAGE_BYTES - at);
      byte[] page = value == 0 ? page(address) : pageToWrite(address);
      if (page != null) {
        Arrays.fill(page, at, at + piece, value);
      }
      address += piece;
    }
  }

  /** Where the written pages end that begin with the page of an address. */
  int endOfWritten(int address) {
    int page = address >>> PAGE_BITS;
    while (page < pages.length && pages[page] != null) {
      page++;
    }
    return page << PAGE_BITS;
  }

  /** Moves the pages of a range, whose ends are ends of pages, into an array of zeroes. */
  void moveTo(byte[] destination, int offset, int from, int to) {
    int end = Math.min(to >>> PAGE_BITS, pages.length);
    for (int index = from >>> PAGE_BITS; index < end; index++) {
      byte[] page = pages[index];
      if (page != null) {
        System.arraycopy(page, 0, destination, offset + (index << PAGE_BITS) - from, PAGE_BYTES);
        pages[index] = null;
        written--;
      }
    }
  }

  private byte @Nullable [] page(int address) {
    int index = address >>> PAGE_BITS;
    return index < pages.length ? pages[index] : null;
  }

  private byte[] pageToWrite(int address) {
    int index = address >>> PAGE_BITS;
    if (index >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(index + 1, 2 * pages.length));
    }
    byte[] page = pages[index];
    if (page == null) {
      page = new byte[PAGE_BYTES];
      pages[index] = page;
      written++;
    }
    return page;
  }
}
