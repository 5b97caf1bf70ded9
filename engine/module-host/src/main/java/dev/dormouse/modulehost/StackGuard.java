package dev.dormouse.modulehost;

import java.util.BitSet;
import java.util.List;

/**
 * Chooses the functions that count the stack they use, so that a guest which recurses too deep is
 * stopped in its own code and never inside the host.
 *
 * <p>Without it the stack may end within any host call. Host data torn by that can be thrown away
 * with the call; but a JVM class whose initialiser is hit stays broken for every tenant, until the
 * process ends (measured: docs/decisions/0007-guest-memory.md). Only functions that can be on the
 * stack more than once must count: the others together are bounded, and that bound is checked here.
 */
final class StackGuard {
  /**
   * What functions that do not count may take together; deeper modules count in every function that
   * calls another.
   */
  static final int UNCOUNTED_BYTES_MAX = 128 << 10;

  private StackGuard() {}

  /**
   * The functions that must count, by position among the module's own.
   *
   * @param frameBytes of each function, by position
   */
  static BitSet counting(CallGraph graph, int[] frameBytes) {
    // An exception leaves functions without their telling; who catches it sets the count right.
    BitSet counting = graph.catching();
    List<CallGraph.Group> calleesFirst = graph.groups();
    int nodes = 0;
    for (CallGraph.Group group : calleesFirst) {
      nodes += group.nodes().size();
      if (group.circular()) {
        group.nodes().stream().filter(node -> node < graph.functions()).forEach(counting::set);
      }
    }
    if (deepestUncounted(graph, calleesFirst, nodes, counting, frameBytes) > UNCOUNTED_BYTES_MAX) {
      for (int function = 0; function < graph.functions(); function++) {
        if (graph.calls(function).length > 0) {
          counting.set(function);
        }
      }
    }
    return counting;
  }

  /** The most bytes that frames of functions which do not count can have at once. */
  private static long deepestUncounted(
      CallGraph graph,
      List<CallGraph.Group> calleesFirst,
      int nodes,
      BitSet counting,
      int[] frameBytes) {
    long[] deepest = new long[nodes];
    long overall = 0;
    for (CallGraph.Group group : calleesFirst) {
      // Callees in the group itself are still 0 here, and right so: its functions all count.
      long below = 0;
      for (int node : group.nodes()) {
        for (int callee : graph.calls(node)) {
          below = Math.max(below, deepest[callee]);
        }
      }
      for (int node : group.nodes()) {
        boolean uncounted = node < graph.functions() && !counting.get(node);
        deepest[node] = below + (uncounted ? frameBytes[node] : 0);
        overall = Math.max(overall, deepest[node]);
      }
    }
    return overall;
  }
}
