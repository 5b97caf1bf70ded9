package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.dylibso.chicory.wasm.Parser;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Who counts its stack: whatever can be on it twice. */
final class StackGuardTest {
  private static final int FRAME = 100;

  private static String counting(WasmBuilder builder) {
    CallGraph graph = CallGraph.of(Parser.parse(builder.build()));
    int[] frames = new int[graph.functions()];
    Arrays.fill(frames, FRAME);
    return StackGuard.counting(graph, frames).toString();
  }

  /** A module with one import, so that position p has the index p + 1. */
  private static WasmBuilder functions(int count, IntFunction<int[]> calls) {
    WasmBuilder builder = ModuleChecksTest.abi();
    for (int i = 0; i < count; i++) {
      int[] callees = calls.apply(i);
      builder.function(
          "",
          "",
          code -> {
            for (int callee : callees) {
              code.call(callee + 1);
            }
          });
    }
    return builder;
  }

  @Test
  void straightCallsDoNotCount() {
    assertEquals("{}", counting(functions(4, i -> i < 3 ? new int[] {i + 1, 3} : new int[0])));
  }

  @Test
  void circlesCount() {
    assertEquals("{0}", counting(functions(2, i -> new int[] {0})));
    int[][] calls = {{1}, {2, 4}, {3}, {1}, {}};
    assertEquals("{1, 2, 3}", counting(functions(5, i -> calls[i])));
  }

  @Test
  void callsThroughTablesMakeCircles() {
    // 0 calls through the table, in which 1 lies, which calls 0; 2 has another type.
    WasmBuilder builder = ModuleChecksTest.abi().table(3);
    builder.function("", "", code -> code.i32(1).op(0x11, 1, 0));
    builder.function("", "", code -> code.call(1));
    builder.function("i", "", code -> code.call(1));
    builder.elements(2, 3);
    assertEquals("{0, 1}", counting(builder));
    WasmBuilder notInTable = ModuleChecksTest.abi().table(3);
    notInTable.function("", "", code -> code.i32(1).op(0x11, 1, 0));
    notInTable.function("", "", code -> code.call(1));
    assertEquals("{}", counting(notInTable));
  }

  @Test
  void longChainsCountAltogether() {
    int chain = StackGuard.UNCOUNTED_BYTES_MAX / FRAME;
    assertEquals(
        "{}", counting(functions(chain, i -> i + 1 < chain ? new int[] {i + 1} : new int[0])));
    int longer = chain + 2;
    String all = counting(functions(longer, i -> i + 1 < longer ? new int[] {i + 1} : new int[0]));
    assertEquals(longer - 1, all.split(",").length, "all but the last, which calls nobody");
  }
}
