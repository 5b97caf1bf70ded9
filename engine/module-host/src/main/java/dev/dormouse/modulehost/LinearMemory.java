package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.DataSegment;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The linear memory of one guest, as one array that covers the part of it which is in use: a window
 * [base, base + length) inside [0, size).
 *
 * <p>Below the window lies the part of the guest's stack that is hardly ever reached, most of 1 MiB
 * in the usual layout, all zero; its first access makes the window begin at 0. Above it, in large
 * memories only, lie pages ({@link MemoryTail}).
 *
 * <p>An access inside costs a subtraction more than one of an array. The first one above makes all
 * accesses detour, which look where they belong and are several times slower; when they have paid
 * for the copy, the window takes pages in, and when none has been above for a while, they are
 * direct again. So copying stays in proportion to what the guest does, however its memory grows.
 * Used by one thread at a time. Source: docs/decisions/0007-guest-memory.md.
 */
final class LinearMemory implements Memory, GuestMemory {
  /** Bytes of a page, the unit of {@code memory.grow}. */
  static final int PAGE_BYTES = Memory.PAGE_SIZE;

  /** The window reaches so far, or to the end of memory, from the start. */
  private static final int EAGER_BYTES = 4 << 20;

  /** What a detour pays: bytes that are copied in the time by which it is slower. */
  private static final int DETOUR_PAYS = 32;

  /** The same for the exception with which detours begin. */
  private static final int EXCEPTION_PAYS = 8 << 10;

  /** Detours without one above the window, after which accesses are direct again. */
  private static final int DETOURS_IN_WINDOW = 1_024;

  /** So that what the guest aligns is aligned in the array too. */
  private static final int BASE_ALIGNMENT = 64;

  /** What the account is charged for. */
  private static final String WHAT = "a guest's memory";

  private final int initialPages;
  private final int maximumPages;
  private final int detourPays;
  private final MemoryTail tail = new MemoryTail();
  private final MemoryAccount account;
  private byte[] window;

  /** The window for direct access, or null while accesses detour. */
  private byte @Nullable [] direct;

  private int base;
  private long paid;
  private int detoursInWindow;
  private int pages;
  private int stackLeft;
  private DataSegments segments = DataSegments.NONE;
  private @Nullable GuestImports imports;

  /** What the node refused the guest since it was last forgotten. */
  private @Nullable EngineException refusal;

  /**
   * Memory of zeroes, into which {@link #initialize} will put the module's initial data.
   *
   * @param hardlyTouched addresses below this are not expected to be touched; only a hint
   * @param account covers all of the memory but what is below the window
   * @throws EngineException if the node has not so much memory
   */
  LinearMemory(int initialPages, int maximumPages, int hardlyTouched, MemoryAccount account) {
    this(initialPages, maximumPages, hardlyTouched, account, DETOUR_PAYS);
  }

  /** For tests: with another payment of a detour. */
  LinearMemory(
      int initialPages,
      int maximumPages,
      int hardlyTouched,
      MemoryAccount account,
      int detourPays) {
    this.initialPages = initialPages;
    this.maximumPages = maximumPages;
    this.account = account;
    this.detourPays = detourPays;
    this.pages = initialPages;
    this.base = (int) Math.min(hardlyTouched, size()) & -BASE_ALIGNMENT;
    account.cover(size() - base, WHAT);
    this.window = new byte[eagerEnd() - base];
    this.direct = window;
  }

  /**
   * Ties the imports of the same instance to this memory, which is how generated code finds them.
   */
  void attach(GuestImports instanceImports) {
    imports = instanceImports;
  }

  /** The imports of the same instance. */
  GuestImports imports() {
    GuestImports attached = imports;
    if (attached == null) {
      throw new IllegalStateException("the guest runs before its imports are attached");
    }
    return attached;
  }

  // The guest's share of its thread's stack; here because generated code has this object at hand.

  /** What functions may still take of the stack, in bytes. */
  int stackLeft() {
    return stackLeft;
  }

  /** From here on functions may take so many bytes of stack. */
  void resetStack(int bytes) {
    stackLeft = bytes;
  }

  /** A function begins whose frame takes so many bytes, at most. */
  void takeStack(int bytes) {
    int left = stackLeft - bytes;
    if (left < 0) {
      throw new HostTrap("call stack exhausted");
    }
    stackLeft = left;
  }

  /** That function returns. */
  void giveStackBack(int bytes) {
    stackLeft += bytes;
  }

  // The window.

  /** The node has refused the guest something besides its memory, of which it may die. */
  void refused(EngineException why) {
    refusal = why;
  }

  /** Makes the account cover so many bytes; if the node has not so many, that is kept in mind. */
  private boolean covers(long bytes) {
    boolean covered = account.tryCover(bytes);
    if (!covered) {
      refusal = account.refusal(bytes, WHAT);
    }
    return covered;
  }

  /** What the node refused lately, for guests that end by it; null if nothing. */
  @Nullable EngineException refusal() {
    return refusal;
  }

  void forgetRefusal() {
    refusal = null;
  }

  /** Heap that the memory takes. */
  long residentBytes() {
    return window.length + tail.residentBytes();
  }

  /** Where the window begins: below it all is zero, and was never touched. */
  int base() {
    return base;
  }

  /** Heap that the window takes of it. */
  long windowBytes() {
    return window.length;
  }

  /** Whether the unsigned range lies inside memory; a negative int is beyond any memory. */
  boolean contains(int address, int length) {
    return (address | length) >= 0 && (long) address + length <= size();
  }

  /** The end of a page, so that none is half in the window. */
  private int eagerEnd() {
    return (int) Math.min(size(), ((long) base + EAGER_BYTES) & -PAGE_BYTES);
  }

  private int end() {
    return base + window.length;
  }

  /**
   * Traps if memory does not hold a range; afterwards nothing of it lies below the window.
   *
   * @return whether all of it lies in the window; an empty range does
   */
  private boolean isInWindow(int address, int length) {
    if (!contains(address, length)) {
      throw outOfBounds(address, length);
    }
    if (length == 0) {
      return true;
    }
    if (address < base) {
      if (!covers(whileReplaced(0))) {
        throw new HostTrap("the memory of %d bytes cannot be moved".formatted(size()));
      }
      replaceWindow(0, end());
    }
    return address + length <= end();
  }

  /** The same for a scalar that takes the detour. */
  private boolean detour(int address, int bytes) {
    paid += detourPays;
    if (isInWindow(address, bytes)) {
      detoursInWindow++;
      if (detoursInWindow > DETOURS_IN_WINDOW) {
        direct = window;
      }
      return true;
    }
    detoursInWindow = 0;
    if (direct != null) {
      direct = null;
      paid += EXCEPTION_PAYS;
    }
    int newEnd = paid < (long) address - base ? 0 : tail.endOfWritten(address + bytes - 1);
    if (newEnd < address + bytes
        || paid < (long) newEnd - base
        || !account.tryCover(whileReplaced(base))) { // Without it accesses are slower, no more.
      return false;
    }
    replaceWindow(base, newEnd);
    return true;
  }

  /** What must be covered while the window is replaced, when the old one and the new are there. */
  private long whileReplaced(int newBase) {
    return size() - newBase + residentBytes();
  }

  private void replaceWindow(int newBase, int newEnd) {
    byte[] larger = new byte[newEnd - newBase];
    System.arraycopy(window, 0, larger, base - newBase, window.length);
    tail.moveTo(larger, end() - newBase, end(), newEnd);
    window = larger;
    direct = larger;
    base = newBase;
    paid = 0;
    account.settle(size() - base);
  }

  private WasmRuntimeException outOfBounds(int address, int length) {
    return new WasmRuntimeException(
        "out of bounds memory access: %d bytes at %d, memory has %d"
            .formatted(Integer.toUnsignedLong(length), Integer.toUnsignedLong(address), size()));
  }

  // Scalars. What the array does not hold fails as an index into it, by modular arithmetic also an
  // address beyond 2 GiB; while accesses detour, all fail as there is none. No comparison of ours:
  // one more made the transfer of 0007 slower by 15 % and more. The JIT turns hot null checks whose
  // handler is at hand into jumps, but those of the index inside a VarHandle into real exceptions.

  @Override
  @SuppressWarnings("NullAway") // that there is none is caught
  public byte read(int address) {
    try {
      return direct[address - base];
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      return (byte) readOnDetour(address, Byte.BYTES);
    }
  }

  @Override
  public byte readByte(int pointer) {
    return read(pointer);
  }

  @Override
  @SuppressWarnings("NullAway") // that there is none is caught
  public void writeByte(int address, byte value) {
    try {
      direct[address - base] = value;
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      writeOnDetour(address, Byte.BYTES, value);
    }
  }

  @Override
  public short readShort(int address) {
    try {
      return (short) Scalars.SHORTS.get(direct, address - base);
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      return (short) readOnDetour(address, Short.BYTES);
    }
  }

  @Override
  public void writeShort(int address, short value) {
    try {
      Scalars.SHORTS.set(direct, address - base, value);
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      writeOnDetour(address, Short.BYTES, value);
    }
  }

  @Override
  public int readInt(int address) {
    try {
      return (int) Scalars.INTS.get(direct, address - base);
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      return (int) readOnDetour(address, Integer.BYTES);
    }
  }

  @Override
  public void writeI32(int address, int value) {
    try {
      Scalars.INTS.set(direct, address - base, value);
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      writeOnDetour(address, Integer.BYTES, value);
    }
  }

  @Override
  public long readLong(int address) {
    try {
      return (long) Scalars.LONGS.get(direct, address - base);
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      return readOnDetour(address, Long.BYTES);
    }
  }

  @Override
  public void writeLong(int address, long value) {
    try {
      Scalars.LONGS.set(direct, address - base, value);
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      writeOnDetour(address, Long.BYTES, value);
    }
  }

  private long readOnDetour(int address, int bytes) {
    if (detour(address, bytes)) {
      return Scalars.read(window, address - base, bytes);
    }
    if (address >= end() && MemoryTail.isInOnePage(address, bytes)) {
      return tail.read(address, bytes);
    }
    byte[] value = new byte[Long.BYTES];
    read(address, value, 0, bytes);
    return Scalars.read(value, 0, Long.BYTES);
  }

  private void writeOnDetour(int address, int bytes, long value) {
    if (detour(address, bytes)) {
      Scalars.write(window, address - base, bytes, value);
      return;
    }
    if (address >= end() && MemoryTail.isInOnePage(address, bytes)) {
      tail.write(address, bytes, value);
      return;
    }
    byte[] source = new byte[Long.BYTES];
    Scalars.write(source, 0, Long.BYTES, value);
    write(address, source, 0, bytes);
  }

  @Override
  public long readU16(int address) {
    return readShort(address) & 0xffffL;
  }

  @Override
  public float readFloat(int address) {
    return Float.intBitsToFloat(readInt(address));
  }

  @Override
  public void writeF32(int address, float value) {
    writeI32(address, Float.floatToRawIntBits(value));
  }

  @Override
  public long readF32(int address) {
    return readInt(address);
  }

  @Override
  public double readDouble(int address) {
    return Double.longBitsToDouble(readLong(address));
  }

  @Override
  public void writeF64(int address, double value) {
    writeLong(address, Double.doubleToRawLongBits(value));
  }

  @Override
  public long readF64(int address) {
    return readLong(address);
  }

  // Ranges.

  @Override
  public void read(int pointer, byte[] destination, int offset, int length) {
    int inWindow = isInWindow(pointer, length) ? length : Math.max(end() - pointer, 0);
    if (inWindow > 0) {
      System.arraycopy(window, pointer - base, destination, offset, inWindow);
    }
    tail.read(pointer + inWindow, destination, offset + inWindow, length - inWindow);
  }

  /** Whether these bytes lie at a range that has been checked. */
  boolean matches(int pointer, byte[] bytes) {
    int length = bytes.length;
    if (length == 0) {
      return true;
    }
    if (!isInWindow(pointer, length)) {
      return Arrays.equals(readBytes(pointer, length), bytes);
    }
    int at = pointer - base;
    return Arrays.equals(window, at, at + length, bytes, 0, length);
  }

  @Override
  public byte[] readBytes(int address, int length) {
    // Before the array is made: a hostile length must fail here.
    if (!contains(address, length)) {
      throw outOfBounds(address, length);
    }
    byte[] bytes = new byte[length];
    read(address, bytes, 0, length);
    return bytes;
  }

  @Override
  public void write(int pointer, byte[] source, int offset, int length) {
    int inWindow = isInWindow(pointer, length) ? length : Math.max(end() - pointer, 0);
    if (inWindow > 0) {
      System.arraycopy(source, offset, window, pointer - base, inWindow);
    }
    tail.write(pointer + inWindow, source, offset + inWindow, length - inWindow);
  }

  @Override
  public void copy(int destination, int source, int length) {
    boolean sourceInWindow = isInWindow(source, length);
    if (isInWindow(destination, length) && sourceInWindow) {
      if (length > 0) {
        System.arraycopy(window, source - base, window, destination - base, length);
      }
      return;
    }
    // Piece by piece, in the direction in which nothing is overwritten before it is read.
    byte[] piece = new byte[Math.min(length, PAGE_BYTES)];
    for (int done = 0; done < length; done += piece.length) {
      int bytes = Math.min(piece.length, length - done);
      int at = destination <= source ? done : length - done - bytes;
      read(source + at, piece, 0, bytes);
      write(destination + at, piece, 0, bytes);
    }
  }

  @Override
  public void fill(byte value, int fromAddress, int toAddress) {
    // Chicory adds offset and length itself: a wrapped end shows as a negative length here.
    int length = toAddress - fromAddress;
    if (!contains(fromAddress, length)) {
      throw outOfBounds(fromAddress, length);
    }
    if (value != 0) {
      isInWindow(fromAddress, length);
    }
    // What lies below the window is zero already.
    int from = Math.max(fromAddress, base);
    int to = Math.min(toAddress, end());
    if (from < to) {
      Arrays.fill(window, from - base, to - base, value);
    }
    tail.fill(value, Math.max(fromAddress, end()), toAddress);
  }

  // Size.

  @Override
  public long size() {
    return (long) pages * PAGE_BYTES;
  }

  @Override
  public int pages() {
    return pages;
  }

  @Override
  public int grow(int more) {
    int before = pages;
    if (more < 0 || more > maximumPages - before) {
      return -1;
    }
    pages = before + more;
    boolean copies = eagerEnd() > end();
    if (!covers(size() - base + (copies ? window.length : 0))) {
      pages = before;
      return -1;
    }
    if (copies) {
      replaceWindow(base, eagerEnd());
    }
    return before;
  }

  @Override
  public int initialPages() {
    return initialPages;
  }

  @Override
  public int maximumPages() {
    return maximumPages;
  }

  // Data segments.

  @Override
  public void zero() {
    // Called once by the instance before initialize: memory is zero already.
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments) {
    initialize(instance, dataSegments, 0);
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
    segments = new DataSegments(dataSegments);
    segments.initialize(instance, this);
  }

  @Override
  public void initPassiveSegment(int segment, int destination, int offset, int length) {
    segments.copy(segment, offset, this, destination, length);
  }

  @Override
  public void drop(int segment) {
    segments.drop(segment);
  }

  // Threads. Modules with shared memory or atomics are refused before they are compiled.

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public Object lock(int address) {
    throw noThreads();
  }

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public int waitOn(int address, int expected, long timeout) {
    throw noThreads();
  }

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public int waitOn(int address, long expected, long timeout) {
    throw noThreads();
  }

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public int notify(int address, int maxThreads) {
    throw noThreads();
  }

  private static IllegalStateException noThreads() {
    return new IllegalStateException("atomic access in a module without shared memory");
  }
}
