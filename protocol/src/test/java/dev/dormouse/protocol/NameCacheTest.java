package dev.dormouse.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dormouse.sats.BsatnWriter;
import org.junit.jupiter.api.Test;

final class NameCacheTest {
  private static String read(NameCache cache, String name) {
    BsatnWriter out = new BsatnWriter().writeU8(9).writeString(name);
    return cache.name(out.toByteArray(), 1, out.size() - 5);
  }

  @Test
  void namesThatShareASlotDisplaceEachOther() {
    NameCache cache = new NameCache(1);
    String first = read(cache, "first");
    assertSame(first, read(cache, "first"));
    assertEquals("second", read(cache, "second"));
    assertNotSame(first, read(cache, "first"));
  }

  @Test
  void longAndEmptyNamesAreDecoded() {
    NameCache cache = new NameCache(2);
    String longName = "n".repeat(129);
    assertEquals(longName, read(cache, longName));
    assertEquals("", read(cache, ""));
    assertEquals("grüß", read(cache, "grüß"));
  }

  @Test
  void slotsAreAPowerOfTwo() {
    assertThrows(IllegalArgumentException.class, () -> new NameCache(0));
    assertThrows(IllegalArgumentException.class, () -> new NameCache(3));
    assertThrows(IllegalArgumentException.class, () -> new NameCache(1 << 17));
  }
}
