package dev.dormouse.modulehost;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.ClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.dormouse.sats.EngineException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The JVM classes of one module, as bytes by class name.
 *
 * @param classes by binary name, in the order of names
 * @param interpreted indices of functions too large for a JVM method, imports counted
 * @param slow functions whose method HotSpot will not compile, with their bytes of bytecode
 */
record GuestClasses(
    Map<String, byte[]> classes, Set<Integer> interpreted, List<SlowFunction> slow) {
  /** Binary name of the class that implements Chicory's {@code Machine}. */
  static final String MAIN_CLASS = "dormouse.guest.Module";

  /**
   * Functions per class: so often compilation notices an interrupt. Measured from 16 to 12,288
   * without effect on anything else.
   */
  private static final int FUNCTIONS_PER_CLASS = 64;

  /**
   * Beyond so many bytes of wasm no function fits in 64 KiB of bytecode: what shrinks the most, a
   * large i64 constant that is dropped, shrinks to a third.
   */
  static final int BODY_BYTES_MAX = 3 * (64 << 10);

  /** Local slots of a JVM method, less what the compiler adds. */
  private static final int LOCAL_SLOTS_MAX = 65_000;

  /** The frame between a caller and what it calls through a table, generously. */
  private static final int INDIRECT_CALL_BYTES = 256;

  /** The frames of one call in Chicory's interpreter, generously. */
  private static final int INTERPRETED_FRAME_BYTES = 2_048;

  /**
   * A function that only ever runs in the JVM's interpreter.
   *
   * @param index the function's index, imports counted
   * @param bytes of bytecode
   */
  record SlowFunction(int index, int bytes) {}

  /**
   * Compiles a module that has been checked.
   *
   * @param bodyBytes bytes of each of its own functions
   * @throws ChicoryInterruptedException if the thread is interrupted; noticed between groups of
   *     {@value #FUNCTIONS_PER_CLASS} functions
   */
  static GuestClasses compile(WasmModule module, int[] bodyBytes, CompileLimits limits) {
    Set<Integer> tooLarge = certainlyTooLarge(module, bodyBytes);
    if (tooLarge.size() > limits.interpretedFunctionsMax()) {
      throw tooManyInterpreted(limits);
    }
    CompilerResult result = compile(module, tooLarge, limits);
    if (result.interpretedFunctions().size() > limits.interpretedFunctionsMax()) {
      throw tooManyInterpreted(limits);
    }
    List<Generated> generated = new ArrayList<>();
    for (byte[] bytes : result.collector().classBytes().values()) {
      generated.add(new Generated(ClassFile.of().parse(bytes), bytes));
    }
    CallGraph graph = CallGraph.of(module);
    int[] frameBytes = new int[graph.functions()];
    List<SlowFunction> slow = new ArrayList<>();
    forEachFunction(
        generated,
        (index, method) -> {
          int position = index - graph.imported();
          if (position >= 0) {
            frameBytes[position] = frameBytes(method, graph.callsIndirectly(position));
          }
          if (GeneratedCode.codeBytes(method) > CompileLimits.JIT_METHOD_BYTES_MAX) {
            slow.add(new SlowFunction(index, GeneratedCode.codeBytes(method)));
          }
        });
    for (int index : result.interpretedFunctions()) {
      frameBytes[index - graph.imported()] = INTERPRETED_FRAME_BYTES;
    }
    GeneratedCode code =
        new GeneratedCode(
            AbiImport.importsOf(module), StackGuard.counting(graph, frameBytes), frameBytes);
    Map<String, byte[]> classes = new TreeMap<>();
    for (Generated each : generated) {
      String name = each.model().thisClass().asInternalName().replace('/', '.');
      if (!name.equals(SharedOperations.COPY)) {
        classes.put(name, SharedOperations.insteadOfCopy(code.rewrite(each.model(), each.bytes())));
      }
    }
    slow.sort((a, b) -> Integer.compare(a.index(), b.index()));
    return new GuestClasses(
        classes, new TreeSet<>(result.interpretedFunctions()), List.copyOf(slow));
  }

  private static CompilerResult compile(
      WasmModule module, Set<Integer> tooLarge, CompileLimits limits) {
    if (!tooLarge.isEmpty()) {
      try {
        return compiler(module, limits)
            .withInterpretedFunctions(tooLarge)
            .withInterpreterFallback(InterpreterFallback.FAIL)
            .build()
            .compile();
      } catch (ChicoryInterruptedException e) {
        throw e;
      } catch (ChicoryException e) {
        // There are more; the compiler finds all of them if none is named, one compilation each.
      }
    }
    return compiler(module, limits)
        .withInterpreterFallback(InterpreterFallback.SILENT)
        .build()
        .compile();
  }

  private static Compiler.Builder compiler(WasmModule module, CompileLimits limits) {
    return Compiler.builder(module)
        .withClassName(MAIN_CLASS)
        .withMaxFunctionsPerClass(FUNCTIONS_PER_CLASS)
        .withClassCollectorFactory(new CollectorFactory(limits)::next);
  }

  /**
   * Functions that no JVM method can hold, found before the compiler finds them one by one, each
   * time starting over.
   */
  private static Set<Integer> certainlyTooLarge(WasmModule module, int[] bodyBytes) {
    int imported = module.importSection().count(ExternalType.FUNCTION);
    Set<Integer> tooLarge = new TreeSet<>();
    for (int i = 0; i < bodyBytes.length; i++) {
      if (bodyBytes[i] > BODY_BYTES_MAX || slots(module, i) > LOCAL_SLOTS_MAX) {
        tooLarge.add(imported + i);
      }
    }
    return tooLarge;
  }

  /** Slots that a function's parameters and locals take in a JVM frame. */
  private static int slots(WasmModule module, int position) {
    int type = module.functionSection().getFunctionType(position);
    return slots(module.typeSection().getType(type).params())
        + slots(module.codeSection().getFunctionBody(position).localTypes());
  }

  private static int slots(List<ValType> types) {
    int slots = 0;
    for (ValType each : types) {
      slots += each.equals(ValType.I64) || each.equals(ValType.F64) ? 2 : 1;
    }
    return slots;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared, never leaves this file
  private record Generated(ClassModel model, byte[] bytes) {}

  private interface FunctionVisitor {
    void visit(int index, MethodModel method);
  }

  private static void forEachFunction(List<Generated> classes, FunctionVisitor visitor) {
    for (Generated each : classes) {
      for (MethodModel method : each.model().methods()) {
        GeneratedCode.function(method).ifPresent(index -> visitor.visit(index, method));
      }
    }
  }

  private static int frameBytes(MethodModel method, boolean callsIndirectly) {
    return GeneratedCode.frameBytes(method) + (callsIndirectly ? INDIRECT_CALL_BYTES : 0);
  }

  private static void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new ChicoryInterruptedException("compilation interrupted");
    }
  }

  static EngineException tooManyInterpreted(CompileLimits limits) {
    return EngineException.tenant(
        "more than %d functions are too large for a JVM method"
            .formatted(limits.interpretedFunctionsMax()));
  }

  /**
   * Hands the compiler its collectors. It asks for a new one whenever it starts over, which it does
   * for every function that is too large: so here is where to bound that, and to stop.
   */
  private static final class CollectorFactory {
    /** The collectors of a compilation that never starts over, generously. */
    private static final int ORDINARY_COLLECTORS = 256;

    private final CompileLimits limits;
    private int handedOut;

    CollectorFactory(CompileLimits limits) {
      this.limits = limits;
    }

    ClassCollector next() {
      checkInterrupt();
      handedOut++;
      if (handedOut > ORDINARY_COLLECTORS + limits.interpretedFunctionsMax()) {
        throw tooManyInterpreted(limits);
      }
      return new InterruptibleCollector();
    }
  }

  private static final class InterruptibleCollector implements ClassCollector {
    private final ByteClassCollector collected = new ByteClassCollector();

    @Override
    public String mainClassName() {
      return collected.mainClassName();
    }

    @Override
    public void putMainClass(String className, byte[] bytes) {
      checkInterrupt();
      collected.putMainClass(className, bytes);
    }

    @Override
    public void put(String name, byte[] data) {
      checkInterrupt();
      collected.put(name, data);
    }

    @Override
    public void putAll(ClassCollector collector) {
      collected.putAll(collector);
    }

    @Override
    public Map<String, byte[]> classBytes() {
      return collected.classBytes();
    }

    @Override
    public byte[] resolve(Class<?> type) {
      return collected.resolve(type);
    }
  }
}
