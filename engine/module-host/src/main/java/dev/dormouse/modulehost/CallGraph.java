package dev.dormouse.modulehost;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which functions of a module may call which: directly, or through a table any function of the
 * right type whose reference is taken somewhere. Nodes are the module's own functions by position,
 * and behind them one node for each type that is called indirectly.
 */
final class CallGraph {
  private final int functions;
  private final int imported;
  private final int[][] calls;
  private final BitSet catching;

  private CallGraph(int functions, int imported, int[][] calls, BitSet catching) {
    this.functions = functions;
    this.imported = imported;
    this.calls = calls;
    this.catching = catching;
  }

  /** The graph of a module that has passed its checks. */
  static CallGraph of(WasmModule module) {
    return new Builder(module).build();
  }

  /** Functions of the module's own. */
  int functions() {
    return functions;
  }

  /** Functions the module imports, whose indices come before its own. */
  int imported() {
    return imported;
  }

  /**
   * The functions, by position, that catch exceptions: what they call may end without returning.
   */
  BitSet catching() {
    return (BitSet) catching.clone();
  }

  /** Whether the function, by position, calls through a table. */
  boolean callsIndirectly(int function) {
    return Arrays.stream(calls[function]).anyMatch(callee -> callee >= functions);
  }

  /**
   * The groups of functions that may call each other in circles, callees before callers. A group of
   * one function that does not call itself is no circle.
   */
  List<Group> groups() {
    return new Components(calls).find();
  }

  /** What the node calls. */
  int[] calls(int node) {
    return calls[node];
  }

  /**
   * Nodes that reach each other.
   *
   * @param nodes functions by position, and types
   * @param circular whether a call of one may lead to another call of it
   */
  record Group(List<Integer> nodes, boolean circular) {
    Group {
      nodes = List.copyOf(nodes);
    }
  }

  private static final class Builder {
    private final WasmModule module;
    private final int functions;
    private final int imported;
    private final List<int[]> calls = new ArrayList<>();
    private final Map<FunctionType, Integer> typeNodes = new HashMap<>();
    private final BitSet referenced = new BitSet();
    private final BitSet catching = new BitSet();

    Builder(WasmModule module) {
      this.module = module;
      this.functions = module.functionSection().functionCount();
      this.imported = module.importSection().count(ExternalType.FUNCTION);
    }

    CallGraph build() {
      for (Element element : module.elementSection().elements()) {
        element.initializers().forEach(this::reference);
      }
      for (int i = 0; i < module.globalSection().globalCount(); i++) {
        reference(module.globalSection().getGlobal(i).initInstructions());
      }
      for (int i = 0; i < functions; i++) {
        calls.add(callsOf(i));
      }
      List<BitSet> byType = new ArrayList<>();
      typeNodes.values().forEach(node -> byType.add(new BitSet()));
      referenced.stream()
          .forEach(
              function -> {
                Integer node = typeNodes.get(type(function));
                if (node != null) {
                  byType.get(node - functions).set(function);
                }
              });
      byType.forEach(callees -> calls.add(callees.stream().toArray()));
      return new CallGraph(functions, imported, calls.toArray(int[][]::new), catching);
    }

    private FunctionType type(int function) {
      return module.typeSection().getType(module.functionSection().getFunctionType(function));
    }

    private void reference(List<Instruction> initializer) {
      for (Instruction instruction : initializer) {
        if (instruction.opcode() == OpCode.REF_FUNC) {
          reference(instruction.operand(0));
        }
      }
    }

    private void reference(long index) {
      if (index >= imported) {
        referenced.set((int) index - imported);
      }
    }

    private int[] callsOf(int function) {
      BitSet callees = new BitSet();
      for (AnnotatedInstruction instruction :
          module.codeSection().getFunctionBody(function).instructions()) {
        switch (instruction.opcode()) {
          case CALL, RETURN_CALL -> {
            if (instruction.operand(0) >= imported) {
              callees.set((int) instruction.operand(0) - imported);
            }
          }
          case CALL_INDIRECT, RETURN_CALL_INDIRECT, CALL_REF, RETURN_CALL_REF -> {
            FunctionType type = module.typeSection().getType((int) instruction.operand(0));
            callees.set(typeNodes.computeIfAbsent(type, _ -> functions + typeNodes.size()));
          }
          case REF_FUNC -> reference(instruction.operand(0));
          case TRY_TABLE -> catching.set(function);
          default -> {
            // Nothing else calls.
          }
        }
      }
      return callees.stream().toArray();
    }
  }

  /** Tarjan's strongly connected components, without recursion: graphs may be hostile too. */
  private static final class Components {
    private final int[][] calls;
    private final int[] order;
    private final int[] low;
    private final int[] next;
    private final BitSet onStack = new BitSet();
    private final int[] stack;
    private final int[] path;
    private final List<Group> found = new ArrayList<>();
    private int stacked;
    private int visited;

    Components(int[][] calls) {
      this.calls = calls;
      this.order = new int[calls.length];
      this.low = new int[calls.length];
      this.next = new int[calls.length];
      this.stack = new int[calls.length];
      this.path = new int[calls.length];
    }

    List<Group> find() {
      for (int node = 0; node < calls.length; node++) {
        if (order[node] == 0) {
          walk(node);
        }
      }
      return found;
    }

    private void walk(int root) {
      int depth = 0;
      path[0] = root;
      enter(root);
      while (depth >= 0) {
        int node = path[depth];
        if (next[node] < calls[node].length) {
          int callee = calls[node][next[node]++];
          if (order[callee] == 0) {
            depth++;
            path[depth] = callee;
            enter(callee);
          } else if (onStack.get(callee)) {
            low[node] = Math.min(low[node], order[callee]);
          }
        } else {
          if (low[node] == order[node]) {
            found.add(take(node));
          }
          depth--;
          if (depth >= 0) {
            low[path[depth]] = Math.min(low[path[depth]], low[node]);
          }
        }
      }
    }

    private void enter(int node) {
      visited++;
      order[node] = visited;
      low[node] = visited;
      stack[stacked] = node;
      stacked++;
      onStack.set(node);
    }

    private Group take(int root) {
      List<Integer> nodes = new ArrayList<>();
      int node;
      do {
        stacked--;
        node = stack[stacked];
        onStack.clear(node);
        nodes.add(node);
      } while (node != root);
      boolean callsItself = Arrays.binarySearch(calls[root], root) >= 0;
      return new Group(nodes, nodes.size() > 1 || callsItself);
    }
  }
}
