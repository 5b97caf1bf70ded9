package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowPagesTest {
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 3, 12, 100, 40_000, 70_000})
  void rowsStayWhatTheyWere(int fixedSize) {
    SplittableRandom random = new SplittableRandom(fixedSize);
    RowPages pages = new RowPages(new CaptureClock((bytes, system) -> {}), fixedSize, false);
    Map<Integer, byte[]> model = new HashMap<>();
    List<Integer> pointers = new ArrayList<>();
    int steps = fixedSize > 1000 ? 600 : 30_000;
    int most = fixedSize == 0 ? 1 : Integer.MAX_VALUE;
    long largestHeap = 0;
    for (int step = 0; step < steps; step++) {
      boolean shrinking = step / (steps / 6) % 2 == 1;
      if ((!pointers.isEmpty() && random.nextInt(10) < (shrinking ? 8 : 3))
          || pointers.size() == most) {
        int at = random.nextInt(pointers.size());
        int pointer = pointers.get(at);
        pointers.set(at, pointers.getLast());
        pointers.removeLast();
        assertRow(Objects.requireNonNull(model.remove(pointer)), pages, pointer);
        pages.remove(pointer);
      } else {
        byte[] row = new byte[fixedSize >= 0 ? fixedSize : length(random)];
        Arrays.fill(row, (byte) step);
        int pointer = pages.reserve(row.length);
        pages.publish(pointer, row, 0, row.length);
        assertEquals(null, model.put(pointer, row), "pointer used twice");
        pointers.add(pointer);
      }
      largestHeap = Math.max(largestHeap, pages.heapBytes());
      if (step % (steps / 10) == 0) {
        model.forEach((pointer, row) -> assertRow(row, pages, pointer));
      }
    }
    model.forEach((pointer, row) -> assertRow(row, pages, pointer));
    for (int pointer : pointers) {
      pages.remove(pointer);
    }
    assertTrue(
        pages.heapBytes() < 400_000 || pages.heapBytes() < largestHeap / 4,
        "an emptied table gives its pages back");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 3, 12, 100, 40_000, 70_000})
  void appendedRowsKeepTheirOrderAndTheirHolesAreFilled(int fixedSize) {
    SplittableRandom random = new SplittableRandom(fixedSize);
    RowPages pages = new RowPages(new CaptureClock((bytes, system) -> {}), fixedSize, false);
    Map<Integer, byte[]> model = new HashMap<>();
    int last = -1;
    for (int i = 0; i < (fixedSize == 0 ? 1 : 3_000); i++) {
      byte[] row = new byte[fixedSize >= 0 ? fixedSize : length(random)];
      Arrays.fill(row, (byte) i);
      int pointer = pages.append(row.length);
      assertTrue(pointer > last, pointer + " behind " + last);
      last = pointer;
      pages.publish(pointer, row, 0, row.length);
      model.put(pointer, row);
    }
    long appended = pages.heapBytes();
    for (int i = 0; i < 3_000 && fixedSize != 0; i++) {
      byte[] row = new byte[fixedSize >= 0 ? fixedSize : random.nextInt(40)];
      Arrays.fill(row, (byte) ~i);
      int pointer = pages.reserve(row.length);
      pages.publish(pointer, row, 0, row.length);
      assertEquals(null, model.put(pointer, row), "pointer used twice");
    }
    model.forEach((pointer, row) -> assertRow(row, pages, pointer));
    assertTrue(fixedSize != -1 || pages.heapBytes() < 1.05 * appended, "small rows fill tails");
  }

  private static int length(SplittableRandom random) {
    return switch (random.nextInt(100)) {
      case 0 -> 65_000 + random.nextInt(1200);
      case 1, 2, 3 -> random.nextInt(9000);
      default -> random.nextInt(100);
    };
  }

  private static void assertRow(byte[] expected, RowPages pages, int pointer) {
    int at = pages.offset(pointer);
    assertArrayEquals(
        expected, Arrays.copyOfRange(pages.bytes(pointer), at, at + pages.length(pointer)));
  }
}
