package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PointerHashTest {
  @ParameterizedTest
  @ValueSource(ints = {4, 1000, 100_000})
  void findsWhatAMapFinds(int keys) {
    SplittableRandom random = new SplittableRandom(keys);
    KeyedHash hash = new KeyedHash(7);
    PointerHash set = new PointerHash();
    Map<Integer, Integer> model = new HashMap<>();
    Map<Integer, Integer> keyOf = new HashMap<>();
    for (int step = 0; step < 150_000; step++) {
      int key = random.nextInt(keys);
      byte[] bytes = new byte[4];
      Words.setLittleInt(bytes, 0, key);
      int tag = hash.tag(bytes, 0, 4);
      int found = set.find(tag, pointer -> Integer.valueOf(key).equals(keyOf.get(pointer)));
      assertEquals(model.getOrDefault(key, -1), found);
      if (found >= 0) {
        set.remove(tag, found);
        model.remove(key);
        keyOf.remove(found);
      } else {
        set.insert(tag, step);
        model.put(key, step);
        keyOf.put(step, key);
      }
      assertEquals(model.size(), set.size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 15})
  void hashIsSipHash(int length) {
    // The test vectors of the paper's reference are for 2-4 rounds: here determinism and spread.
    byte[] bytes = new byte[length];
    KeyedHash hash = new KeyedHash(42);
    assertEquals(hash.hash(bytes, 0, length), new KeyedHash(42).hash(bytes, 0, length));
    assertEquals(false, hash.hash(bytes, 0, length) == new KeyedHash(43).hash(bytes, 0, length));
  }
}
