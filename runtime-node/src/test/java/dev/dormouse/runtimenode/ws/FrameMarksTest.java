package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameMarksTest {
  private record Mark(int request, int bytes) {}

  /** Numbers begin just below where they wrap around. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void settlesWhatAPlainQueueSettles(long seed) {
    var random = new SplittableRandom(seed);
    var marks = new FrameMarks();
    var model = new ArrayDeque<Mark>();
    int submitted = Integer.MAX_VALUE - 50;
    int answered = submitted;
    for (int step = 0; step < 3_000; step++) {
      if (random.nextBoolean()) {
        submitted += random.nextInt(4);
        int bytes = random.nextInt(1_000);
        marks.add(submitted, bytes);
        model.add(new Mark(submitted, bytes));
      } else {
        answered += Math.min(random.nextInt(8), submitted - answered);
        long expected = 0;
        while (!model.isEmpty() && answered - model.peek().request() >= 0) {
          expected += model.remove().bytes();
        }
        assertEquals(expected, marks.settle(answered), "seed " + seed);
      }
    }
  }
}
