package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.ValType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One function that a module may import, with its wasm signature and what it does: all of {@link
 * GuestGate}, and the stubs of WASI. Source: spec module-abi §5, since-2.8 §2.1.
 *
 * @param module import module; a function exists under this one only
 * @param name import name
 * @param type wasm signature
 * @param gate the method that generated code calls, if not by way of the handle
 * @param handle what it does on boxed arguments, for functions that run interpreted
 */
record AbiImport(
    String module,
    String name,
    FunctionType type,
    Optional<Method> gate,
    WasmFunctionHandle handle) {
  private static final Map<String, AbiImport> BY_NAME = byName();

  /** The import of that module and name, if there is one. */
  static Optional<AbiImport> find(String module, String name) {
    return Optional.ofNullable(BY_NAME.get(module + "." + name));
  }

  /** All there are, in the order of their names. */
  static List<AbiImport> all() {
    return List.copyOf(BY_NAME.values());
  }

  /** The imports of a module that has passed its checks, in the order of their indices. */
  static List<AbiImport> importsOf(WasmModule module) {
    List<AbiImport> imports = new ArrayList<>();
    for (int i = 0; i < module.importSection().importCount(); i++) {
      Import each = module.importSection().getImport(i);
      imports.add(find(each.module(), each.name()).orElseThrow());
    }
    return imports;
  }

  /** For linking; one link serves all instances. */
  ImportFunction link() {
    return new ImportFunction(module, name, type, handle);
  }

  private static Map<String, AbiImport> byName() {
    List<AbiImport> all = new ArrayList<>();
    for (Method method : GuestGate.class.getDeclaredMethods()) {
      if (method.isAnnotationPresent(GuestGate.Import.class)) {
        all.add(ofGate(method));
      }
    }
    WasiStubs.addTo(all);
    Map<String, AbiImport> byName = new TreeMap<>();
    for (AbiImport each : all) {
      byName.put(each.module() + "." + each.name(), each);
    }
    return byName;
  }

  private static AbiImport ofGate(Method method) {
    GuestGate.Import is = method.getAnnotation(GuestGate.Import.class);
    List<ValType> parameters = new ArrayList<>();
    for (int i = 0; i < method.getParameterCount() - 1; i++) {
      parameters.add(valueType(method.getParameterTypes()[i]));
    }
    List<ValType> results =
        method.getReturnType() == void.class
            ? List.of()
            : List.of(valueType(method.getReturnType()));
    MethodHandle target;
    try {
      target = MethodHandles.lookup().unreflect(method);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("gate " + method, e);
    }
    return new AbiImport(
        is.module(),
        is.name(),
        FunctionType.of(parameters, results),
        Optional.of(method),
        (instance, args) -> callBoxed(target, instance, args));
  }

  private static ValType valueType(Class<?> type) {
    return type == long.class ? ValType.I64 : ValType.I32;
  }

  private static long[] callBoxed(MethodHandle target, Instance instance, long[] args) {
    List<Object> boxed = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      boxed.add(target.type().parameterType(i) == long.class ? (Object) args[i] : (int) args[i]);
    }
    boxed.add(instance.memory());
    try {
      Object result = target.invokeWithArguments(boxed);
      return result instanceof Number number ? new long[] {number.longValue()} : new long[0];
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("gates throw nothing checked", e);
    }
  }
}
