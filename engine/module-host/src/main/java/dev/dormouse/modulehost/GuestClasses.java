package dev.dormouse.modulehost;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.ClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.wasm.WasmModule;
import dev.dormouse.sats.EngineException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
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
   * Functions per class. Classes are verified when first used, and a call uses few of a module's
   * functions, so small classes make a wake faster; see docs/decisions/0003-guest-memory.md.
   */
  private static final int FUNCTIONS_PER_CLASS = 64;

  private static final String METHOD_PREFIX = "func_";

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
   * @throws ChicoryInterruptedException if the thread is interrupted; noticed between groups of
   *     {@value #FUNCTIONS_PER_CLASS} functions
   */
  static GuestClasses compile(WasmModule module, CompileLimits limits) {
    CollectorFactory collectors = new CollectorFactory(limits);
    CompilerResult result =
        Compiler.builder(module)
            .withClassName(MAIN_CLASS)
            .withMaxFunctionsPerClass(FUNCTIONS_PER_CLASS)
            .withInterpreterFallback(InterpreterFallback.SILENT)
            .withClassCollectorFactory(collectors::next)
            .build()
            .compile();
    if (result.interpretedFunctions().size() > limits.interpretedFunctionsMax()) {
      throw tooManyInterpreted(limits);
    }
    Map<String, byte[]> classes = new TreeMap<>();
    List<SlowFunction> slow = new ArrayList<>();
    ImportLinks links = new ImportLinks(AbiImport.importsOf(module));
    for (byte[] bytes : result.collector().classBytes().values()) {
      ClassModel parsed = ClassFile.of().parse(bytes);
      classes.put(parsed.thisClass().asInternalName().replace('/', '.'), links.link(parsed, bytes));
      parsed.methods().forEach(method -> addIfSlow(method, slow));
    }
    slow.sort((a, b) -> Integer.compare(a.index(), b.index()));
    return new GuestClasses(
        classes, new TreeSet<>(result.interpretedFunctions()), List.copyOf(slow));
  }

  private static EngineException tooManyInterpreted(CompileLimits limits) {
    return EngineException.tenant(
        "more than %d functions are too large for a JVM method"
            .formatted(limits.interpretedFunctionsMax()));
  }

  private static void addIfSlow(MethodModel method, List<SlowFunction> slow) {
    String name = method.methodName().stringValue();
    if (name.startsWith(METHOD_PREFIX) && method.code().isPresent()) {
      int bytes = ((CodeAttribute) method.code().get()).codeLength();
      if (bytes > CompileLimits.JIT_METHOD_BYTES_MAX) {
        slow.add(new SlowFunction(Integer.parseInt(name.substring(METHOD_PREFIX.length())), bytes));
      }
    }
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
      handedOut++;
      if (handedOut > ORDINARY_COLLECTORS + limits.interpretedFunctionsMax()) {
        throw tooManyInterpreted(limits);
      }
      return new InterruptibleCollector();
    }
  }

  private static final class InterruptibleCollector implements ClassCollector {
    private final ByteClassCollector collected = new ByteClassCollector();

    private static void check() {
      if (Thread.currentThread().isInterrupted()) {
        throw new ChicoryInterruptedException("compilation interrupted");
      }
    }

    @Override
    public String mainClassName() {
      return collected.mainClassName();
    }

    @Override
    public void putMainClass(String className, byte[] bytes) {
      check();
      collected.putMainClass(className, bytes);
    }

    @Override
    public void put(String name, byte[] data) {
      check();
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
