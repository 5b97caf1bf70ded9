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
 * Linear memory as pages that exist once they are written to: until then a page is the zero page or
 * a page of the module's initial data, shared by all instances.
 *
 * <p>Every page has two slots: the array to read from, never null, and the array to write to, null
 * while the page is shared. So an access costs one null check more than an array of arrays. Used by
 * one thread at a time. Source: docs/decisions/0003-guest-memory.md.
 */
final class GuestPages implements Memory, GuestMemory {
  /** Bytes of a page in the sense of wasm, the unit of {@code memory.grow}. */
  static final int WASM_PAGE_BYTES = Memory.PAGE_SIZE;

  static final int PAGE_SHIFT = 12;
  static final int PAGE_BYTES = 1 << PAGE_SHIFT;
  private static final int PAGE_MASK = PAGE_BYTES - 1;
  private static final int PAGES_PER_WASM_PAGE = WASM_PAGE_BYTES / PAGE_BYTES;

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final byte[] ZEROES = new byte[PAGE_BYTES];

  private final int initialWasmPages;
  private final int maximumWasmPages;
  private byte[][] readable;
  private byte[] @Nullable [] writable;
  private int ownedPages;
  private int stackLeft;
  private DataSegment[] segments = new DataSegment[0];
  private final InitialPages initialPages;
  private @Nullable GuestImports imports;

  /** Memory of zeroes, into which {@link #initialize} will put the module's initial data. */
  GuestPages(int initialWasmPages, int maximumWasmPages, InitialPages initialPages) {
    this.initialWasmPages = initialWasmPages;
    this.maximumWasmPages = maximumWasmPages;
    this.initialPages = initialPages;
    this.readable = new byte[initialWasmPages * PAGES_PER_WASM_PAGE][];
    this.writable = new byte[readable.length][];
    Arrays.fill(readable, ZEROES);
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

  /** Heap that this instance alone holds: its own pages and the page tables. */
  long residentBytes() {
    return (long) ownedPages * PAGE_BYTES + readable.length * 2L * Integer.BYTES;
  }

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

  private byte[] own(int page) {
    byte[] copy = readable[page].clone();
    readable[page] = copy;
    writable[page] = copy;
    ownedPages++;
    return copy;
  }

  private byte[] pageToWrite(int page) {
    byte[] own = writable[page];
    return own == null ? own(page) : own;
  }

  private WasmRuntimeException outOfBounds(int address, int length) {
    return new WasmRuntimeException(
        "out of bounds memory access: %d bytes at %d, memory has %d"
            .formatted(length, Integer.toUnsignedLong(address), size()));
  }

  /** Whether the unsigned range lies inside; a negative int is beyond any memory. */
  boolean contains(int address, int length) {
    return (address | length) >= 0 && (long) address + length <= size();
  }

  private void require(int address, int length) {
    if (!contains(address, length)) {
      throw outOfBounds(address, length);
    }
  }

  @Override
  public long size() {
    return (long) readable.length << PAGE_SHIFT;
  }

  // Scalars. An address beyond memory fails as an index into the page table, also a negative one.

  @Override
  public byte read(int address) {
    try {
      return readable[address >>> PAGE_SHIFT][address & PAGE_MASK];
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, 1);
    }
  }

  @Override
  public byte readByte(int pointer) {
    return read(pointer);
  }

  @Override
  public void writeByte(int address, byte value) {
    try {
      byte[] page = writable[address >>> PAGE_SHIFT];
      if (page == null) {
        page = own(address >>> PAGE_SHIFT);
      }
      page[address & PAGE_MASK] = value;
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, 1);
    }
  }

  @Override
  public short readShort(int address) {
    int at = address & PAGE_MASK;
    if (at > PAGE_BYTES - Short.BYTES) {
      return (short) readAcross(address, Short.BYTES);
    }
    try {
      return (short) SHORTS.get(readable[address >>> PAGE_SHIFT], at);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, Short.BYTES);
    }
  }

  @Override
  public void writeShort(int address, short value) {
    int at = address & PAGE_MASK;
    if (at > PAGE_BYTES - Short.BYTES) {
      writeAcross(address, value, Short.BYTES);
      return;
    }
    try {
      byte[] page = writable[address >>> PAGE_SHIFT];
      if (page == null) {
        page = own(address >>> PAGE_SHIFT);
      }
      SHORTS.set(page, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, Short.BYTES);
    }
  }

  @Override
  public int readInt(int address) {
    int at = address & PAGE_MASK;
    if (at > PAGE_BYTES - Integer.BYTES) {
      return (int) readAcross(address, Integer.BYTES);
    }
    try {
      return (int) INTS.get(readable[address >>> PAGE_SHIFT], at);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, Integer.BYTES);
    }
  }

  @Override
  public void writeI32(int address, int value) {
    int at = address & PAGE_MASK;
    if (at > PAGE_BYTES - Integer.BYTES) {
      writeAcross(address, value, Integer.BYTES);
      return;
    }
    try {
      byte[] page = writable[address >>> PAGE_SHIFT];
      if (page == null) {
        page = own(address >>> PAGE_SHIFT);
      }
      INTS.set(page, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, Integer.BYTES);
    }
  }

  @Override
  public long readLong(int address) {
    int at = address & PAGE_MASK;
    if (at > PAGE_BYTES - Long.BYTES) {
      return readAcross(address, Long.BYTES);
    }
    try {
      return (long) LONGS.get(readable[address >>> PAGE_SHIFT], at);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, Long.BYTES);
    }
  }

  @Override
  public void writeLong(int address, long value) {
    int at = address & PAGE_MASK;
    if (at > PAGE_BYTES - Long.BYTES) {
      writeAcross(address, value, Long.BYTES);
      return;
    }
    try {
      byte[] page = writable[address >>> PAGE_SHIFT];
      if (page == null) {
        page = own(address >>> PAGE_SHIFT);
      }
      LONGS.set(page, at, value);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(address, Long.BYTES);
    }
  }

  private long readAcross(int address, int length) {
    require(address, length);
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = (value << Byte.SIZE) | (read(address + i) & 0xff);
    }
    return value;
  }

  private void writeAcross(int address, long value, int length) {
    require(address, length);
    for (int i = 0; i < length; i++) {
      writeByte(address + i, (byte) (value >>> (i * Byte.SIZE)));
    }
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
    require(pointer, length);
    int from = pointer;
    int to = offset;
    int left = length;
    while (left > 0) {
      int at = from & PAGE_MASK;
      int chunk = Math.min(left, PAGE_BYTES - at);
      System.arraycopy(readable[from >>> PAGE_SHIFT], at, destination, to, chunk);
      from += chunk;
      to += chunk;
      left -= chunk;
    }
  }

  /** Whether these bytes lie at a range that has been checked. */
  boolean matches(int pointer, byte[] bytes) {
    int from = pointer;
    int done = 0;
    while (done < bytes.length) {
      int at = from & PAGE_MASK;
      int chunk = Math.min(bytes.length - done, PAGE_BYTES - at);
      byte[] page = readable[from >>> PAGE_SHIFT];
      if (!Arrays.equals(page, at, at + chunk, bytes, done, done + chunk)) {
        return false;
      }
      from += chunk;
      done += chunk;
    }
    return true;
  }

  @Override
  public byte[] readBytes(int address, int length) {
    require(address, length);
    byte[] bytes = new byte[length];
    read(address, bytes, 0, length);
    return bytes;
  }

  @Override
  public void write(int pointer, byte[] source, int offset, int length) {
    require(pointer, length);
    int from = offset;
    int to = pointer;
    int left = length;
    while (left > 0) {
      int at = to & PAGE_MASK;
      int chunk = Math.min(left, PAGE_BYTES - at);
      System.arraycopy(source, from, pageToWrite(to >>> PAGE_SHIFT), at, chunk);
      from += chunk;
      to += chunk;
      left -= chunk;
    }
  }

  @Override
  public void copy(int destination, int source, int length) {
    require(destination, length);
    require(source, length);
    if (destination <= source) {
      copyForwards(destination, source, length);
    } else {
      copyBackwards(destination, source, length);
    }
  }

  private void copyForwards(int destination, int source, int length) {
    int from = source;
    int to = destination;
    int left = length;
    while (left > 0) {
      int chunk = Math.min(left, PAGE_BYTES - Math.max(from & PAGE_MASK, to & PAGE_MASK));
      copyChunk(from, to, chunk);
      from += chunk;
      to += chunk;
      left -= chunk;
    }
  }

  private void copyBackwards(int destination, int source, int length) {
    int fromEnd = source + length;
    int toEnd = destination + length;
    int left = length;
    while (left > 0) {
      int inPage = Math.min(((fromEnd - 1) & PAGE_MASK) + 1, ((toEnd - 1) & PAGE_MASK) + 1);
      int chunk = Math.min(left, inPage);
      fromEnd -= chunk;
      toEnd -= chunk;
      left -= chunk;
      copyChunk(fromEnd, toEnd, chunk);
    }
  }

  private void copyChunk(int from, int to, int length) {
    // The page to write first: owning it replaces the array to read from if both are one page.
    byte[] target = pageToWrite(to >>> PAGE_SHIFT);
    System.arraycopy(
        readable[from >>> PAGE_SHIFT], from & PAGE_MASK, target, to & PAGE_MASK, length);
  }

  @Override
  public void fill(byte value, int fromAddress, int toAddress) {
    // Chicory adds offset and length itself: a wrapped end shows as a negative length here.
    require(fromAddress, toAddress - fromAddress);
    int to = fromAddress;
    while (to < toAddress) {
      int at = to & PAGE_MASK;
      int chunk = Math.min(toAddress - to, PAGE_BYTES - at);
      int page = to >>> PAGE_SHIFT;
      if (value != 0 || !isZeroPage(page)) {
        Arrays.fill(pageToWrite(page), at, at + chunk, value);
      }
      to += chunk;
    }
  }

  /** Whether nothing was ever written to the page; the one zero page is known by its identity. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isZeroPage(int page) {
    return readable[page] == ZEROES;
  }

  // Size.

  @Override
  public int pages() {
    return readable.length / PAGES_PER_WASM_PAGE;
  }

  @Override
  public int grow(int wasmPages) {
    int before = pages();
    if (wasmPages < 0 || wasmPages > maximumWasmPages - before) {
      return -1;
    }
    if (wasmPages > 0) {
      int length = (before + wasmPages) * PAGES_PER_WASM_PAGE;
      byte[][] grown = Arrays.copyOf(readable, length);
      Arrays.fill(grown, readable.length, length, ZEROES);
      writable = Arrays.copyOf(writable, length);
      readable = grown;
    }
    return before;
  }

  @Override
  public int initialPages() {
    return initialWasmPages;
  }

  @Override
  public int maximumPages() {
    return maximumWasmPages;
  }

  // Data segments.

  @Override
  public void zero() {
    // Called once by the instance before initialize: the pages are zero already.
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments) {
    initialize(instance, dataSegments, 0);
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
    segments = dataSegments;
    byte[][] shared = initialPages.pages();
    if (shared.length != 0) {
      System.arraycopy(shared, 0, readable, 0, shared.length);
      return;
    }
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
    // From here on these pages are everybody's: this instance too copies them before it writes.
    initialPages.publish(readable.clone());
    Arrays.fill(writable, null);
    ownedPages = 0;
  }

  @Override
  public void initPassiveSegment(int segment, int destination, int offset, int length) {
    byte[] data = segments[segment].data();
    if ((offset | length) < 0 || (long) offset + length > data.length) {
      throw new WasmRuntimeException(
          "out of bounds memory access: %d bytes at %d of a data segment of %d"
              .formatted(length, Integer.toUnsignedLong(offset), data.length));
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
