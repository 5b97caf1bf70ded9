package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.WasmRuntimeException;
import dev.dormouse.sats.MemoryBudget;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The window behaves as the whole memory, wherever accesses lie. */
final class LinearMemoryTest {
  private static final int PAGE = LinearMemory.PAGE_BYTES;

  /** More than the window covers from the start. */
  private static final int PAGES = 140;

  private static final int SIZE = PAGES * PAGE;

  private static final int HARDLY_TOUCHED = 1_000_000;

  private LinearMemory memory =
      new LinearMemory(PAGES, PAGES + 2, HARDLY_TOUCHED, MemoryBudget.unlimited().open());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void agreesWithAnArray(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    // From pages that never come into the window to such that do at once.
    memory =
        new LinearMemory(
            PAGES,
            PAGES + 2,
            HARDLY_TOUCHED,
            MemoryBudget.unlimited().open(),
            (int) (seed % 4) * random.nextInt(1_000_000));
    ByteBuffer model = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    int centre = 1_100_000;
    for (int step = 0; step < 5_000; step++) {
      // Around a place that wanders, so that the window's edges and those of memory are met often.
      boolean jump = random.nextInt(1_000) == 0;
      int way = jump ? random.nextInt(SIZE) : random.nextInt(100_000) - 50_000;
      centre = Math.floorMod(centre + way, SIZE);
      int address = centre - 8 + random.nextInt(16);
      long value = random.nextLong();
      String at = "seed %d step %d address %d".formatted(seed, step, address);
      switch (random.nextInt(12)) {
        case 0 ->
            write(
                at,
                address,
                1,
                () -> memory.writeByte(address, (byte) value),
                () -> model.put(address, (byte) value));
        case 1 ->
            write(
                at,
                address,
                2,
                () -> memory.writeShort(address, (short) value),
                () -> model.putShort(address, (short) value));
        case 2 ->
            write(
                at,
                address,
                4,
                () -> memory.writeI32(address, (int) value),
                () -> model.putInt(address, (int) value));
        case 3 ->
            write(
                at,
                address,
                8,
                () -> memory.writeLong(address, value),
                () -> model.putLong(address, value));
        case 4 ->
            write(
                at,
                address,
                4,
                () -> memory.writeF32(address, Float.intBitsToFloat((int) value >> 9)),
                () -> model.putInt(address, (int) value >> 9));
        case 5 ->
            write(
                at,
                address,
                8,
                () -> memory.writeF64(address, Double.longBitsToDouble(value >> 12)),
                () -> model.putLong(address, value >> 12));
        case 6 -> {
          byte[] bytes = new byte[random.nextInt(10_000)];
          random.nextBytes(bytes);
          write(
              at,
              address,
              bytes.length,
              () -> memory.write(address, bytes, 0, bytes.length),
              () -> model.put(address, bytes));
        }
        case 7 -> {
          int length = random.nextInt(10_000);
          byte filler = random.nextBoolean() ? 0 : (byte) value;
          write(
              at,
              address,
              length,
              () -> memory.fill(filler, address, address + length),
              () -> Arrays.fill(model.array(), address, address + length, filler));
        }
        case 8 -> {
          int length = random.nextInt(10_000);
          int source = Math.min(random.nextInt(SIZE), SIZE - length);
          write(
              at,
              address,
              length,
              () -> memory.copy(address, source, length),
              () -> System.arraycopy(model.array(), source, model.array(), address, length));
        }
        case 9 ->
            read(
                at,
                address,
                4,
                () -> assertEquals(model.getInt(address), memory.readInt(address), at),
                () -> memory.readInt(address));
        case 10 ->
            read(
                at,
                address,
                8,
                () -> assertEquals(model.getLong(address), memory.readLong(address), at),
                () -> memory.readLong(address));
        default ->
            read(
                at,
                address,
                2,
                () -> assertEquals(model.getShort(address), memory.readShort(address), at),
                () -> memory.readShort(address));
      }
    }
    byte[] all = new byte[SIZE];
    memory.read(0, all, 0, all.length);
    assertArrayEquals(model.array(), all, "seed " + seed);
    assertArrayEquals(model.array(), memory.readBytes(0, all.length), "seed " + seed);
    assertTrue(memory.matches(0, all));
    all[5_000]++;
    assertEquals(false, memory.matches(0, all));
  }

  private static boolean inside(int address, int length) {
    return address >= 0 && address + length <= SIZE;
  }

  private static void write(String at, int address, int length, Runnable access, Runnable model) {
    if (inside(address, length)) {
      access.run();
      model.run();
    } else {
      assertThrows(WasmRuntimeException.class, access::run, at);
    }
  }

  private static void read(String at, int address, int length, Runnable compare, Runnable access) {
    if (inside(address, length)) {
      compare.run();
    } else {
      assertThrows(WasmRuntimeException.class, access::run, at);
    }
  }

  @Test
  void lengthsThatWrapAreOutOfBounds() {
    byte[] bytes = new byte[8];
    assertThrows(WasmRuntimeException.class, () -> memory.read(8, bytes, 0, -1));
    assertThrows(WasmRuntimeException.class, () -> memory.copy(8, 0, -1));
    assertThrows(WasmRuntimeException.class, () -> memory.copy(0, -1, 4));
    assertThrows(WasmRuntimeException.class, () -> memory.fill((byte) 1, 8, 7));
    assertThrows(WasmRuntimeException.class, () -> memory.fill((byte) 1, -8, 8));
    assertThrows(WasmRuntimeException.class, () -> memory.read(Integer.MAX_VALUE));
    assertThrows(WasmRuntimeException.class, () -> memory.writeByte(-1, (byte) 1));
    memory.copy(SIZE, 0, 0);
    memory.fill((byte) 1, SIZE, SIZE);
  }

  @Test
  void emptyRangesAreInsideUpToTheEndOfMemory() {
    byte[] none = new byte[0];
    long before = memory.residentBytes();
    for (int address : new int[] {0, 7, SIZE}) {
      memory.write(address, none, 0, 0);
      memory.read(address, none, 0, 0);
      memory.copy(address, 7, 0);
      memory.copy(7, address, 0);
      assertEquals(0, memory.readBytes(address, 0).length);
      assertTrue(memory.matches(address, none));
    }
    assertThrows(WasmRuntimeException.class, () -> memory.write(SIZE + 1, none, 0, 0));
    assertThrows(WasmRuntimeException.class, () -> memory.copy(7, SIZE + 1, 0));
    assertEquals(before, memory.residentBytes());
  }

  @Test
  void stackThatIsHardlyTouchedTakesNothingUntilItIs() {
    LinearMemory small = new LinearMemory(17, 20, 15 * PAGE, MemoryBudget.unlimited().open());
    assertEquals(2 * PAGE, small.residentBytes());
    assertEquals(17, small.grow(2));
    assertEquals(4 * PAGE, small.residentBytes());
    small.writeLong(19 * PAGE - 8, -1);
    small.writeLong(15 * PAGE, 1);
    assertEquals(4 * PAGE, small.residentBytes());
    small.writeByte(15 * PAGE - 1, (byte) 7);
    assertEquals(19 * PAGE, small.residentBytes());
    assertEquals(-1, small.readLong(19 * PAGE - 8));
    assertEquals(1, small.readLong(15 * PAGE));
    assertEquals(7, small.readByte(15 * PAGE - 1));
    assertEquals(0, small.readLong(0));
    assertEquals(19 * PAGE, small.residentBytes());
  }

  @Test
  void largeMemoriesTakeWhatIsWritten() {
    LinearMemory large = new LinearMemory(2_000, 2_048, 0, MemoryBudget.unlimited().open());
    assertEquals(4 << 20, large.residentBytes());
    assertEquals(2_000, large.grow(48));
    assertEquals(-1, large.grow(1));
    assertEquals(-1, large.grow(-1));
    assertEquals(2_048, large.grow(0));
    large.fill((byte) 0, 0, 2_048 * PAGE);
    assertEquals(4 << 20, large.residentBytes(), "zeroes take nothing");
  }

  @Test
  void largeMemoriesReadBackWhatWasWrittenAcrossPages() {
    LinearMemory large = new LinearMemory(2_048, 2_048, 0, MemoryBudget.unlimited().open());
    large.writeByte(5 << 20, (byte) 1);
    assertEquals((4 << 20) + PAGE, large.residentBytes());
    int across = (100 << 20) - 4;
    large.writeLong(across, 0x1122_3344_5566_7788L);
    assertEquals((4 << 20) + 3 * PAGE, large.residentBytes());
    assertEquals(0x1122_3344_5566_7788L, large.readLong(across));
    assertEquals(0x1122_3344, large.readInt(across + 4));
    assertEquals(0, large.readLong(2_048 * PAGE - 8));
    assertEquals(1, large.readByte(5 << 20));
    int edge = (4 << 20) - 3;
    large.writeI32(edge, -2);
    assertEquals(-2, large.readInt(edge));
    assertThrows(WasmRuntimeException.class, () -> large.readLong(2_048 * PAGE - 7));
  }

  @Test
  void growingStepByStepCopiesInProportionToWhatIsAccessed() {
    int most = 2_048;
    LinearMemory growing = new LinearMemory(1, most, 0, MemoryBudget.unlimited().open());
    long copied = 0;
    long accesses = 0;
    long resident = growing.residentBytes();
    while (growing.pages() < most) {
      int at = (int) growing.size();
      growing.grow(Math.min(16, most - growing.pages()));
      for (int address = at; address < growing.size(); address += 1_024) {
        growing.writeLong(address, address);
        accesses++;
      }
      // A window that takes pages in takes all there are; below 4 MiB each step is a copy.
      long now = growing.windowBytes();
      if (now != resident && now > 4 << 20) {
        copied += now;
      }
      resident = now;
    }
    assertEquals((long) most * PAGE, growing.residentBytes());
    assertTrue(copied <= accesses * 64, copied + " bytes copied for " + accesses + " accesses");
    for (int address = 0; address < growing.size(); address += 1_024) {
      assertEquals(address < PAGE ? 0 : address, growing.readLong(address));
    }
  }

  @Test
  void pagesThatAreUsedMuchComeIntoTheWindow() {
    LinearMemory large = new LinearMemory(2_048, 2_048, 0, MemoryBudget.unlimited().open());
    int end = 10 << 20;
    large.fill((byte) 1, 4 << 20, end);
    assertEquals(4 << 20, large.windowBytes());
    for (int i = 0; i < end / 32; i++) {
      assertEquals(1, large.readByte((4 << 20) + i));
    }
    assertEquals(end, large.windowBytes());
    assertEquals(end, large.residentBytes());
    assertEquals(1, large.readByte(end - 1));
    assertEquals(0, large.readByte(end));
  }

  @Test
  void memoryWithoutPagesHoldsNothingUntilItGrows() {
    LinearMemory none = new LinearMemory(0, 1, 0, MemoryBudget.unlimited().open());
    assertThrows(WasmRuntimeException.class, () -> none.readByte(0));
    assertEquals(0, none.grow(1));
    none.writeByte(PAGE - 1, (byte) 1);
    assertEquals(1, none.readByte(PAGE - 1));
  }

  @Test
  void aHintBeyondMemoryIsNoHarm() {
    LinearMemory one = new LinearMemory(1, 2, 10 * PAGE, MemoryBudget.unlimited().open());
    one.writeByte(PAGE - 1, (byte) 1);
    assertEquals(1, one.readByte(PAGE - 1));
    assertThrows(WasmRuntimeException.class, () -> one.readByte(PAGE));
    assertEquals(1, one.grow(1));
    one.writeByte(2 * PAGE - 1, (byte) 2);
    assertEquals(2, one.readByte(2 * PAGE - 1));
  }
}
