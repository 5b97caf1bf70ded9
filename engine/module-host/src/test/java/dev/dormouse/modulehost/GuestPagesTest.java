package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.WasmRuntimeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages behave as one array of bytes, however accesses lie. */
final class GuestPagesTest {
  private static final int WASM_PAGE = GuestPages.WASM_PAGE_BYTES;

  private final GuestPages pages = new GuestPages(2, 4, new InitialPages());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithAnArray(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer model = ByteBuffer.allocate(2 * WASM_PAGE).order(ByteOrder.LITTLE_ENDIAN);
    for (int step = 0; step < 20_000; step++) {
      // Mostly near the ends of pages, where accesses are split.
      int page = random.nextInt(2 * WASM_PAGE / GuestPages.PAGE_BYTES + 1);
      int address = page * GuestPages.PAGE_BYTES - 16 + random.nextInt(32);
      long value = random.nextLong();
      String at = "seed %d step %d address %d".formatted(seed, step, address);
      switch (random.nextInt(12)) {
        case 0 ->
            write(
                at,
                address,
                1,
                () -> pages.writeByte(address, (byte) value),
                () -> model.put(address, (byte) value));
        case 1 ->
            write(
                at,
                address,
                2,
                () -> pages.writeShort(address, (short) value),
                () -> model.putShort(address, (short) value));
        case 2 ->
            write(
                at,
                address,
                4,
                () -> pages.writeI32(address, (int) value),
                () -> model.putInt(address, (int) value));
        case 3 ->
            write(
                at,
                address,
                8,
                () -> pages.writeLong(address, value),
                () -> model.putLong(address, value));
        case 4 ->
            write(
                at,
                address,
                4,
                () -> pages.writeF32(address, Float.intBitsToFloat((int) value >> 9)),
                () -> model.putInt(address, (int) value >> 9));
        case 5 ->
            write(
                at,
                address,
                8,
                () -> pages.writeF64(address, Double.longBitsToDouble(value >> 12)),
                () -> model.putLong(address, value >> 12));
        case 6 -> {
          byte[] bytes = new byte[random.nextInt(10_000)];
          random.nextBytes(bytes);
          write(
              at,
              address,
              bytes.length,
              () -> pages.write(address, bytes, 0, bytes.length),
              () -> model.put(address, bytes));
        }
        case 7 -> {
          int length = random.nextInt(10_000);
          byte filler = random.nextBoolean() ? 0 : (byte) value;
          write(
              at,
              address,
              length,
              () -> pages.fill(filler, address, address + length),
              () -> Arrays.fill(model.array(), address, address + length, filler));
        }
        case 8 -> {
          int length = random.nextInt(10_000);
          int source = Math.min(random.nextInt(2 * WASM_PAGE), 2 * WASM_PAGE - length);
          write(
              at,
              address,
              length,
              () -> pages.copy(address, source, length),
              () -> System.arraycopy(model.array(), source, model.array(), address, length));
        }
        case 9 ->
            read(
                at,
                address,
                4,
                () -> assertEquals(model.getInt(address), pages.readInt(address), at),
                () -> pages.readInt(address));
        case 10 ->
            read(
                at,
                address,
                8,
                () -> assertEquals(model.getLong(address), pages.readLong(address), at),
                () -> pages.readLong(address));
        default ->
            read(
                at,
                address,
                2,
                () -> assertEquals(model.getShort(address), pages.readShort(address), at),
                () -> pages.readShort(address));
      }
    }
    byte[] all = new byte[2 * WASM_PAGE];
    pages.read(0, all, 0, all.length);
    assertArrayEquals(model.array(), all, "seed " + seed);
    assertArrayEquals(model.array(), pages.readBytes(0, all.length), "seed " + seed);
    assertTrue(pages.matches(0, all));
    all[5_000]++;
    assertEquals(false, pages.matches(0, all));
  }

  private static boolean inside(int address, int length) {
    return address >= 0 && address + length <= 2 * WASM_PAGE;
  }

  private static void write(String at, int address, int length, Runnable pages, Runnable model) {
    if (inside(address, length)) {
      pages.run();
      model.run();
    } else {
      assertThrows(WasmRuntimeException.class, pages::run, at);
    }
  }

  private static void read(String at, int address, int length, Runnable compare, Runnable pages) {
    if (inside(address, length)) {
      compare.run();
    } else {
      assertThrows(WasmRuntimeException.class, pages::run, at);
    }
  }

  @Test
  void lengthsThatWrapAreOutOfBounds() {
    byte[] bytes = new byte[8];
    assertThrows(WasmRuntimeException.class, () -> pages.read(8, bytes, 0, -1));
    assertThrows(WasmRuntimeException.class, () -> pages.copy(8, 0, -1));
    assertThrows(WasmRuntimeException.class, () -> pages.copy(0, -1, 4));
    assertThrows(WasmRuntimeException.class, () -> pages.fill((byte) 1, 8, 7));
    assertThrows(WasmRuntimeException.class, () -> pages.fill((byte) 1, -8, 8));
    assertThrows(WasmRuntimeException.class, () -> pages.read(Integer.MAX_VALUE));
    assertThrows(WasmRuntimeException.class, () -> pages.writeByte(-1, (byte) 1));
    pages.copy(2 * WASM_PAGE, 0, 0);
    pages.fill((byte) 1, 2 * WASM_PAGE, 2 * WASM_PAGE);
  }

  @Test
  void growthIsZeroAndTakesNothingUntilItIsUsed() {
    long before = pages.residentBytes();
    assertEquals(2, pages.grow(0));
    assertEquals(2, pages.grow(2));
    assertEquals(-1, pages.grow(1));
    assertEquals(-1, pages.grow(-1));
    assertEquals(4, pages.pages());
    assertEquals(4L * WASM_PAGE, pages.size());
    assertEquals(0, pages.readLong(4 * WASM_PAGE - 8));
    pages.fill((byte) 0, 0, 4 * WASM_PAGE);
    assertTrue(pages.residentBytes() < before + 1_024);
    pages.writeByte(3 * WASM_PAGE, (byte) 1);
    assertTrue(pages.residentBytes() >= before + GuestPages.PAGE_BYTES);
  }
}
