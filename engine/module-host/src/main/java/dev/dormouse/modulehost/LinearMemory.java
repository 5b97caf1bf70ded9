package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The linear memory of one guest, as one array that covers the part of it which is in use: a window
 * [base, base + length) inside [0, size), beyond which everything is still zero.
 *
 * <p>Below the window lies the part of the guest's stack that is hardly ever reached, most of 1 MiB
 * in the usual layout; above it, in large memories only, what has been added and not yet touched.
 * An access inside costs a subtraction more than one of an array. The first access outside makes
 * the window larger. Those must stay rare: the JVM compiles the access as if they never happened
 * until a few have. Used by one thread at a time. Source: docs/decisions/0007-guest-memory.md.
 */
final class LinearMemory implements Memory, GuestMemory {
  /** Bytes of a page, the unit of {@code memory.grow}. */
  static final int PAGE_BYTES = Memory.PAGE_SIZE;

  /**
   * Up to this size the window reaches to the end of memory; beyond, it follows what is touched.
   */
  private static final int EAGER_BYTES = 4 << 20;

  /** So that what the guest aligns is aligned in the array too. */
  private static final int BASE_ALIGNMENT = 64;

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int initialPages;
  private final int maximumPages;
  private byte[] window;
  private int base;
  private int pages;
  private int stackLeft;
  private DataSegment[] segments = new DataSegment[0];
  private @Nullable GuestImports imports;

  /**
   * Memory of zeroes, into which {@link #initialize} will put the module's initial data.
   *
   * @param hardlyTouched addresses below this are not expected to be touched; only a hint
   */
  LinearMemory(int initialPages, int maximumPages, int hardlyTouched) {
    this.initialPages = initialPages;
    this.maximumPages = maximumPages;
    this.pages = initialPages;
    this.base = (int) Math.min(hardlyTouched, size()) & -BASE_ALIGNMENT;
    this.window = new byte[(int) Math.min(size() - base, EAGER_BYTES)];
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

  /** Heap that the memory takes. */
  long residentBytes() {
    return window.length;
  }

  /** Whether the unsigned range lies inside memory; a negative int is beyond any memory. */
  boolean contains(int address, int length) {
    return (address | length) >= 0 && (long) address + length <= size();
  }

  /**
   * Makes the window hold a range, or traps if memory does not.
   *
   * @return whether there is anything in the range; an empty one may lie outside the window
   */
  private boolean cover(int address, int length) {
    int end = base + window.length;
    if (address < base || length < 0 || length > end - address) {
      if (!contains(address, length)) {
        throw outOfBounds(address, length);
      }
      if (length != 0) {
        enlarge(address, address + length);
      }
    }
    return length != 0;
  }

  private void enlarge(int from, int to) {
    int end = base + window.length;
    // Below, all at once, so that it happens once; above, in steps that make copying a small
    // matter.
    int newBase = from < base ? 0 : base;
    int newEnd = end;
    if (to > end) {
      newEnd = (int) Math.min(size(), Math.max(to, end + (long) window.length / 2));
    }
    replaceWindow(newBase, newEnd);
  }

  private void replaceWindow(int newBase, int newEnd) {
    byte[] larger = new byte[newEnd - newBase];
    System.arraycopy(window, 0, larger, base - newBase, window.length);
    window = larger;
    base = newBase;
  }

  private WasmRuntimeException outOfBounds(int address, int length) {
    return new WasmRuntimeException(
        "out of bounds memory access: %d bytes at %d, memory has %d"
            .formatted(Integer.toUnsignedLong(length), Integer.toUnsignedLong(address), size()));
  }

  // Scalars. Whatever is not in the window fails as an index into it, and is tried again there; by
  // modular arithmetic also an address beyond 2 GiB does.

  @Override
  public byte read(int address) {
    try {
      return window[address - base];
    } catch (IndexOutOfBoundsException e) {
      return readOutside(address);
    }
  }

  @Override
  public byte readByte(int pointer) {
    return read(pointer);
  }

  @Override
  public void writeByte(int address, byte value) {
    try {
      window[address - base] = value;
    } catch (IndexOutOfBoundsException e) {
      writeByteOutside(address, value);
    }
  }

  @Override
  public short readShort(int address) {
    try {
      return (short) SHORTS.get(window, address - base);
    } catch (IndexOutOfBoundsException e) {
      return readShortOutside(address);
    }
  }

  @Override
  public void writeShort(int address, short value) {
    try {
      SHORTS.set(window, address - base, value);
    } catch (IndexOutOfBoundsException e) {
      writeShortOutside(address, value);
    }
  }

  @Override
  public int readInt(int address) {
    try {
      return (int) INTS.get(window, address - base);
    } catch (IndexOutOfBoundsException e) {
      return readIntOutside(address);
    }
  }

  @Override
  public void writeI32(int address, int value) {
    try {
      INTS.set(window, address - base, value);
    } catch (IndexOutOfBoundsException e) {
      writeI32Outside(address, value);
    }
  }

  @Override
  public long readLong(int address) {
    try {
      return (long) LONGS.get(window, address - base);
    } catch (IndexOutOfBoundsException e) {
      return readLongOutside(address);
    }
  }

  @Override
  public void writeLong(int address, long value) {
    try {
      LONGS.set(window, address - base, value);
    } catch (IndexOutOfBoundsException e) {
      writeLongOutside(address, value);
    }
  }

  private byte readOutside(int address) {
    cover(address, Byte.BYTES);
    return window[address - base];
  }

  private void writeByteOutside(int address, byte value) {
    cover(address, Byte.BYTES);
    window[address - base] = value;
  }

  private short readShortOutside(int address) {
    cover(address, Short.BYTES);
    return (short) SHORTS.get(window, address - base);
  }

  private void writeShortOutside(int address, short value) {
    cover(address, Short.BYTES);
    SHORTS.set(window, address - base, value);
  }

  private int readIntOutside(int address) {
    cover(address, Integer.BYTES);
    return (int) INTS.get(window, address - base);
  }

  private void writeI32Outside(int address, int value) {
    cover(address, Integer.BYTES);
    INTS.set(window, address - base, value);
  }

  private long readLongOutside(int address) {
    cover(address, Long.BYTES);
    return (long) LONGS.get(window, address - base);
  }

  private void writeLongOutside(int address, long value) {
    cover(address, Long.BYTES);
    LONGS.set(window, address - base, value);
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
    if (cover(pointer, length)) {
      System.arraycopy(window, pointer - base, destination, offset, length);
    }
  }

  /** Whether these bytes lie at a range that has been checked. */
  boolean matches(int pointer, byte[] bytes) {
    int length = bytes.length;
    if (!cover(pointer, length)) {
      return true;
    }
    int at = pointer - base;
    return Arrays.equals(window, at, at + length, bytes, 0, length);
  }

  @Override
  public byte[] readBytes(int address, int length) {
    if (!cover(address, length)) {
      return new byte[0];
    }
    return Arrays.copyOfRange(window, address - base, address - base + length);
  }

  @Override
  public void write(int pointer, byte[] source, int offset, int length) {
    if (cover(pointer, length)) {
      System.arraycopy(source, offset, window, pointer - base, length);
    }
  }

  @Override
  public void copy(int destination, int source, int length) {
    cover(source, length);
    if (cover(destination, length)) {
      System.arraycopy(window, source - base, window, destination - base, length);
    }
  }

  @Override
  public void fill(byte value, int fromAddress, int toAddress) {
    // Chicory adds offset and length itself: a wrapped end shows as a negative length here.
    int length = toAddress - fromAddress;
    if (!contains(fromAddress, length)) {
      throw outOfBounds(fromAddress, length);
    }
    if (value == 0) {
      // Outside the window it is zero already.
      int from = Math.max(fromAddress, base);
      int to = Math.min(toAddress, base + window.length);
      if (from < to) {
        Arrays.fill(window, from - base, to - base, value);
      }
      return;
    }
    if (cover(fromAddress, length)) {
      Arrays.fill(window, fromAddress - base, toAddress - base, value);
    }
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
    if (more > 0 && size() <= EAGER_BYTES) {
      replaceWindow(base, (int) size());
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
    segments = dataSegments;
    for (DataSegment segment : dataSegments) {
      if (segment instanceof ActiveDataSegment active) {
        int at =
            (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
        if (!contains(at, active.data().length)) {
          throw new UninstantiableException(
              "data segment of %d bytes at %d does not fit in memory of %d bytes"
                  .formatted(active.data().length, Integer.toUnsignedLong(at), size()));
        }
        write(at, active.data(), 0, active.data().length);
      }
    }
  }

  @Override
  public void initPassiveSegment(int segment, int destination, int offset, int length) {
    byte[] data = segments[segment].data();
    if ((offset | length) < 0 || (long) offset + length > data.length) {
      throw new WasmRuntimeException(
          "out of bounds memory access: %d bytes at %d of a data segment of %d"
              .formatted(
                  Integer.toUnsignedLong(length), Integer.toUnsignedLong(offset), data.length));
    }
    write(destination, data, offset, length);
  }

  @Override
  public void drop(int segment) {
    segments[segment] = PassiveDataSegment.EMPTY;
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
