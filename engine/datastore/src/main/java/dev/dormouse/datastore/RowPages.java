package dev.dormouse.datastore;

import dev.dormouse.sats.EngineException;
import java.util.Arrays;

/**
 * The committed rows of one table: byte pages, addressed by 31-bit pointers.
 *
 * <p>A page has slots of one unit: the row size where all rows have the same, else {@link #GRANULE}
 * bytes, of which a row takes several and starts with its length in two bytes. Pointer = page
 * number, then slot number in {@link #shift} bits. Pages hold up to {@link #PAGE_BYTES} and start
 * small; a row that does not fit gets a page of its own. Two bitmaps per page: <em>used</em> slots,
 * and <em>starts</em> of live rows; a slot that is used without a start is reserved and not yet
 * visible.
 *
 * <p>Pages are copied before their first write after a capture, see {@link CaptureClock}.
 */
final class RowPages {
  static final int PAGE_BYTES = 1 << 16;
  private static final int GRANULE = 8;
  private static final int HEADER = 2;
  private static final int VARIABLE_SHIFT = 13;
  private static final int FIRST_PAGE_SLOTS_MIN = 8;
  private static final int VARIABLE_SLOTS_MIN = 16;
  private static final int LATER_PAGE_FRACTION = 4;
  private static final int TRIES_PER_BUCKET = 8;
  private static final byte[] NO_BYTES = {};
  private static final long[] NO_BITS = {};

  private final CaptureClock clock;
  private final boolean system;
  private final int fixedSize;
  private final int unit;
  private final int header;
  private final int shift;
  private final int mask;

  byte[][] data = {};
  long[][] starts = {};
  private long[][] used = {};

  /** The capture generation of each page's last write. */
  int[] written = {};

  private int[] free = {};

  /** Not less than the longest run of free slots of each page. */
  private int[] longest = {};

  /** Where to look first in each page. */
  private int[] hint = {};

  private int[] next = {};
  private int[] previous = {};
  private final int[] heads;
  private int pageCount;
  private int[] absent = {};
  private int absentCount;
  private long freeSlots;
  private long heapBytes;

  /**
   * No rows.
   *
   * @param fixedSize of every row, or -1 if that varies
   * @param system whether the table is one of the system's
   */
  RowPages(CaptureClock clock, int fixedSize, boolean system) {
    this.clock = clock;
    this.system = system;
    this.fixedSize = fixedSize;
    if (fixedSize >= 0) {
      unit = fixedSize;
      header = 0;
      int slots = fixedSize == 0 ? 1 : Math.max(1, Integer.highestOneBit(PAGE_BYTES / fixedSize));
      shift = Integer.numberOfTrailingZeros(slots);
      heads = new int[1];
    } else {
      unit = GRANULE;
      header = HEADER;
      shift = VARIABLE_SHIFT;
      heads = new int[VARIABLE_SHIFT + 1];
    }
    mask = (1 << shift) - 1;
    Arrays.fill(heads, -1);
  }

  int fixedSize() {
    return fixedSize;
  }

  int pageCount() {
    return pageCount;
  }

  /** Slot bits of a pointer. */
  int shift() {
    return shift;
  }

  /** Bytes of heap, without what captures hold. */
  long heapBytes() {
    return heapBytes + 40L * data.length;
  }

  /** The array a row is in. */
  byte[] bytes(int pointer) {
    return data[pointer >>> shift];
  }

  /** Index of a row's first byte. */
  int offset(int pointer) {
    return (pointer & mask) * unit + header;
  }

  int length(int pointer) {
    return fixedSize >= 0 ? fixedSize : lengthIn(data[pointer >>> shift], pointer & mask);
  }

  /** Length of the row of variable size that starts at a slot. */
  static int lengthIn(byte[] page, int slot) {
    return page.length > PAGE_BYTES
        ? page.length - HEADER
        : Words.littleShort(page, slot * GRANULE);
  }

  /** Index of a slot's row within its page. */
  int offsetOfSlot(int slot) {
    return slot * unit + header;
  }

  boolean equal(int pointer, byte[] row, int offset, int length) {
    if (length(pointer) != length) {
      return false;
    }
    return Words.equal(bytes(pointer), offset(pointer), row, offset, length);
  }

  private int slotsFor(int length) {
    return fixedSize >= 0 ? 1 : (length + HEADER + GRANULE - 1) / GRANULE;
  }

  /** Slots of a page: one for a row that has a page of its own. */
  private int slots(int page) {
    byte[] bytes = data[page];
    return bytes.length > PAGE_BYTES || unit == 0 ? 1 : bytes.length / unit;
  }

  /** Reserves place for a row of this length; nothing can see it yet. */
  int reserve(int length) {
    int wanted = slotsFor(length);
    if (wanted > 1 << shift) {
      return reserveOwnPage(length);
    }
    int pointer = reserveInListed(wanted);
    while (pointer < 0) {
      int last = pageCount - 1;
      if (last >= 0 && slots(last) > 0 && slots(last) <= mask && data[last].length <= PAGE_BYTES) {
        growPage(last, wanted);
      } else {
        addPage(wanted);
      }
      pointer = reserveInListed(wanted);
    }
    return pointer;
  }

  /**
   * Reserves place behind all rows, so that they keep the order in which they come: a store that
   * was restored then has the same snapshot. For pages that were only appended to.
   */
  int append(int length) {
    int wanted = slotsFor(length);
    if (wanted > 1 << shift) {
      return reserveOwnPage(length);
    }
    int page = pageCount - 1;
    if (page < 0 || data[page].length > PAGE_BYTES || hint[page] + wanted > 1 << shift) {
      addPage(wanted);
      page = pageCount - 1;
    } else if (hint[page] + wanted > slots(page)) {
      growPage(page, wanted);
    }
    int slot = hint[page];
    take(page, slot, wanted);
    return page << shift | slot;
  }

  private int reserveInListed(int wanted) {
    for (int bucket = bucketOf(wanted); bucket < heads.length; bucket++) {
      int tries = 0;
      int page = heads[bucket];
      while (page >= 0 && tries < TRIES_PER_BUCKET) {
        int following = next[page];
        tries++;
        if (longest[page] >= wanted) {
          int slot = findRun(page, wanted);
          if (slot >= 0) {
            take(page, slot, wanted);
            return page << shift | slot;
          }
        }
        page = following;
      }
    }
    return -1;
  }

  /** Start of a run of free slots, or -1 and the page is listed by its true longest run. */
  private int findRun(int page, int wanted) {
    long[] bits = used[page];
    int slots = slots(page);
    int at = hint[page];
    if (heads.length == 1) {
      // One slot each: the hint is never behind the first free slot.
      int slot = nextClear(bits, at, slots);
      hint[page] = slot;
      return slot < slots ? slot : nextClear(bits, 0, slots);
    }
    if (at < slots && nextSet(bits, at, slots) - at >= wanted) {
      return at;
    }
    int best = 0;
    for (at = nextClear(bits, 0, slots); at < slots; ) {
      int end = nextSet(bits, at, slots);
      if (end - at >= wanted) {
        return at;
      }
      best = Math.max(best, end - at);
      at = nextClear(bits, end, slots);
    }
    relist(page, best);
    return -1;
  }

  private void take(int page, int slot, int count) {
    own(page);
    setRange(used[page], slot, count);
    hint[page] = slot + count;
    free[page] -= count;
    freeSlots -= count;
    if (free[page] < longest[page]) {
      relist(page, free[page]);
    }
  }

  private static int bucketOf(int run, int buckets) {
    return buckets == 1 ? 0 : 31 - Integer.numberOfLeadingZeros(run);
  }

  private int bucketOf(int run) {
    return bucketOf(run, heads.length);
  }

  /** Puts a page into the list for its longest run of free slots. */
  private void relist(int page, int run) {
    int old = longest[page];
    longest[page] = run;
    int from = old == 0 ? -1 : bucketOf(old);
    int to = run == 0 ? -1 : bucketOf(run);
    if (from == to) {
      return;
    }
    if (from >= 0) {
      if (previous[page] >= 0) {
        next[previous[page]] = next[page];
      } else {
        heads[from] = next[page];
      }
      if (next[page] >= 0) {
        previous[next[page]] = previous[page];
      }
    }
    if (to >= 0) {
      previous[page] = -1;
      next[page] = heads[to];
      if (heads[to] >= 0) {
        previous[heads[to]] = page;
      }
      heads[to] = page;
    }
  }

  private void growPage(int page, int wanted) {
    own(page);
    int slots = slots(page);
    int grown = Math.min(1 << shift, Math.max(2 * slots, slots + wanted));
    byte[] old = data[page];
    data[page] = Arrays.copyOf(old, grown * unit);
    int words = (grown + 63) >>> 6;
    heapBytes += data[page].length - old.length + 16L * (words - used[page].length);
    used[page] = Arrays.copyOf(used[page], words);
    starts[page] = Arrays.copyOf(starts[page], words);
    free[page] += grown - slots;
    freeSlots += grown - slots;
    hint[page] = Math.min(hint[page], slots);
    relist(page, heads.length == 1 ? 1 : free[page]);
  }

  private void addPage(int wanted) {
    int slots;
    if (pageCount - absentCount == 0) {
      slots = heads.length == 1 ? FIRST_PAGE_SLOTS_MIN : VARIABLE_SLOTS_MIN;
    } else {
      slots = (1 << shift) / LATER_PAGE_FRACTION;
    }
    slots = Math.min(1 << shift, Math.max(1, Math.max(slots, wanted)));
    int page = newPage(slots * unit, slots);
    relist(page, heads.length == 1 ? 1 : slots);
  }

  private int reserveOwnPage(int length) {
    int page = newPage(length + HEADER, 1);
    used[page][0] = 1;
    free[page] = 0;
    freeSlots--;
    return page << shift;
  }

  private int newPage(int bytes, int slots) {
    int page;
    if (absentCount > 0) {
      page = absent[absentCount - 1];
    } else {
      page = pageCount;
      if (page > Integer.MAX_VALUE >>> shift) {
        throw EngineException.tenant(
            "table has %d pages, limit %d pages"
                .formatted(page, (Integer.MAX_VALUE >>> shift) + 1));
      }
      if (page == data.length) {
        growDirectory();
      }
    }
    int words = (slots + 63) >>> 6;
    byte[] newData = new byte[bytes];
    long[] newUsed = new long[words];
    starts[page] = new long[words];
    used[page] = newUsed;
    data[page] = newData;
    written[page] = clock.current();
    free[page] = slots;
    longest[page] = 0;
    hint[page] = 0;
    freeSlots += slots;
    heapBytes += bytes + 16L * words + 64;
    if (absentCount > 0) {
      absentCount--;
    } else {
      pageCount++;
    }
    return page;
  }

  private void growDirectory() {
    int capacity = Math.max(2, 2 * data.length);
    starts = Arrays.copyOf(starts, capacity);
    used = Arrays.copyOf(used, capacity);
    written = Arrays.copyOf(written, capacity);
    free = Arrays.copyOf(free, capacity);
    longest = Arrays.copyOf(longest, capacity);
    hint = Arrays.copyOf(hint, capacity);
    next = Arrays.copyOf(next, capacity);
    previous = Arrays.copyOf(previous, capacity);
    absent = Arrays.copyOf(absent, capacity);
    byte[][] grown = Arrays.copyOf(data, capacity);
    Arrays.fill(grown, data.length, capacity, NO_BYTES);
    data = grown;
  }

  /** Makes the page of a row writable; a captured one is copied. */
  void ownPageOf(int pointer) {
    own(pointer >>> shift);
  }

  private void own(int page) {
    if (written[page] != clock.current()) {
      if (written[page] <= clock.protectedThrough()) {
        clock.copying(data[page].length + 8L * starts[page].length, system);
        byte[] copy = data[page].clone();
        starts[page] = starts[page].clone();
        data[page] = copy;
      }
      written[page] = clock.current();
    }
  }

  /** The pages as they are now; the clock keeps them so. Bitmaps of absent pages are empty. */
  CapturedPages captured() {
    return new CapturedPages(
        this,
        Arrays.copyOf(data, pageCount),
        Arrays.copyOf(starts, pageCount),
        Arrays.copyOf(written, pageCount));
  }

  /** Fills a reserved place and makes it visible. The page is owned. */
  void publish(int pointer, byte[] row, int offset, int length) {
    int page = pointer >>> shift;
    int slot = pointer & mask;
    byte[] bytes = data[page];
    if (fixedSize < 0 && bytes.length <= PAGE_BYTES) {
      Words.setLittleShort(bytes, slot * GRANULE, length);
    }
    Words.copy(row, offset, bytes, slot * unit + header, length);
    starts[page][slot >>> 6] |= 1L << slot;
  }

  /** Whether a row of this length fits where another is. */
  boolean fitsInPlace(int pointer, int length) {
    if (fixedSize >= 0) {
      return true;
    }
    int old = length(pointer);
    return old == length
        || (slotsFor(old) == slotsFor(length) && bytes(pointer).length <= PAGE_BYTES);
  }

  /** Gives back a reserved place that was not filled. */
  void unreserve(int pointer, int length) {
    release(pointer, slotsFor(length));
  }

  /** Removes a row. The page is owned. Does not allocate. */
  void remove(int pointer) {
    int slot = pointer & mask;
    int count = slotsFor(length(pointer));
    starts[pointer >>> shift][slot >>> 6] &= ~(1L << slot);
    release(pointer, count);
  }

  private void release(int pointer, int count) {
    int page = pointer >>> shift;
    if (data[page].length > PAGE_BYTES) {
      freeSlots++;
      dropPage(page, 1);
      return;
    }
    int slot = pointer & mask;
    long[] bits = used[page];
    clearRange(bits, slot, count);
    free[page] += count;
    freeSlots += count;
    int slots = slots(page);
    if (free[page] == slots && freeSlots - slots >= mask + 1L) {
      dropPage(page, slots);
      return;
    }
    if (heads.length == 1) {
      hint[page] = Math.min(hint[page], slot);
      relist(page, 1);
    } else {
      int from = previousSet(bits, slot) + 1;
      int to = nextSet(bits, slot, slots);
      relist(page, Math.max(longest[page], to - from));
    }
  }

  private void dropPage(int page, int slots) {
    relist(page, 0);
    freeSlots -= slots;
    heapBytes -= data[page].length + 16L * used[page].length + 64;
    data[page] = NO_BYTES;
    starts[page] = NO_BITS;
    used[page] = NO_BITS;
    free[page] = 0;
    absent[absentCount++] = page;
  }

  /** First slot from {@code at} on whose bit is clear, or {@code limit}. */
  private static int nextClear(long[] bits, int at, int limit) {
    int slot = at;
    while (slot < limit) {
      long word = ~bits[slot >>> 6] >>> slot;
      if (word != 0) {
        return Math.min(limit, slot + Long.numberOfTrailingZeros(word));
      }
      slot = (slot | 63) + 1;
    }
    return limit;
  }

  /** First slot from {@code at} on whose bit is set, or {@code limit}. */
  static int nextSet(long[] bits, int at, int limit) {
    int slot = at;
    while (slot < limit) {
      long word = bits[slot >>> 6] >>> slot;
      if (word != 0) {
        return Math.min(limit, slot + Long.numberOfTrailingZeros(word));
      }
      slot = (slot | 63) + 1;
    }
    return limit;
  }

  /** Last slot before {@code at} whose bit is set, or -1. */
  private static int previousSet(long[] bits, int at) {
    int slot = at - 1;
    while (slot >= 0) {
      long word = bits[slot >>> 6] << (63 - (slot & 63));
      if (word != 0) {
        return slot - Long.numberOfLeadingZeros(word);
      }
      slot = (slot & ~63) - 1;
    }
    return -1;
  }

  private static void setRange(long[] bits, int from, int count) {
    for (int slot = from, end = from + count; slot < end; ) {
      int stop = Math.min(end, (slot | 63) + 1);
      bits[slot >>> 6] |= ones(slot, stop);
      slot = stop;
    }
  }

  private static void clearRange(long[] bits, int from, int count) {
    for (int slot = from, end = from + count; slot < end; ) {
      int stop = Math.min(end, (slot | 63) + 1);
      bits[slot >>> 6] &= ~ones(slot, stop);
      slot = stop;
    }
  }

  /** Bits of the slots [from, stop), all in one word. */
  private static long ones(int from, int stop) {
    return -1L >>> (64 - (stop - from)) << from;
  }
}
