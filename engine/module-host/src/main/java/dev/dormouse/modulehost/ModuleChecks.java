package dev.dormouse.modulehost;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a valid wasm module must be beyond that, to run here: the ABI it asks for, the imports and
 * exports it has, and no feature that this host does not have. Source: spec module-abi §1 and §7,
 * since-2.8 §2.
 */
final class ModuleChecks {
  private static final String ABI_PREFIX = "spacetime_";
  private static final Pattern ABI_MODULE = Pattern.compile("spacetime_(\\d{1,5})\\.(\\d{1,5})");
  private static final int ABI_MAJOR = 10;
  private static final int ABI_MINOR_MAX = 6;
  private static final int U16_MAX = 65_535;
  private static final int OPCODE_GROUP_SHIFT = 8;
  private static final int GC_GROUP = 0xfb;
  private static final int SIMD_GROUP = 0xfd;
  private static final int THREADS_GROUP = 0xfe;

  private static final ValType I32 = ValType.I32;
  private static final ValType I64 = ValType.I64;
  private static final FunctionType NOTHING = FunctionType.of(List.of(), List.of());

  private final WasmModule module;
  private final FunctionNames names;
  private final Map<String, Export> exports = new TreeMap<>();

  ModuleChecks(WasmModule module, FunctionNames names) {
    this.module = module;
    this.names = names;
    for (int i = 0; i < module.exportSection().exportCount(); i++) {
      Export export = module.exportSection().getExport(i);
      exports.put(export.name(), export);
    }
  }

  /** Refuses what cannot run here; the message names what. */
  void check(CompileLimits limits) {
    checkAbiVersion();
    checkImports();
    checkMemory();
    checkExports();
    checkTables(limits);
    checkTypes();
    checkBodies();
  }

  private void checkAbiVersion() {
    int major = -1;
    boolean found = false;
    for (int i = 0; i < module.importSection().importCount(); i++) {
      Import each = module.importSection().getImport(i);
      if (each.importType() != ExternalType.FUNCTION || !each.module().startsWith(ABI_PREFIX)) {
        continue;
      }
      Matcher version = ABI_MODULE.matcher(each.module());
      if (!version.matches()) {
        throw refused("import module %s is no ABI version".formatted(each.module()));
      }
      int itsMajor = Integer.parseInt(version.group(1));
      int itsMinor = Integer.parseInt(version.group(2));
      if (itsMajor > U16_MAX || itsMinor > U16_MAX) {
        throw refused("import module %s is no ABI version".formatted(each.module()));
      }
      if (found && itsMajor != major) {
        throw refused("module imports ABI versions %d and %d at once".formatted(major, itsMajor));
      }
      if (itsMajor != ABI_MAJOR || itsMinor > ABI_MINOR_MAX) {
        throw refused(
            "module needs ABI %d.%d, this host implements %d.%d"
                .formatted(itsMajor, itsMinor, ABI_MAJOR, ABI_MINOR_MAX));
      }
      major = itsMajor;
      found = true;
    }
    if (!found) {
      throw refused("cannot determine the ABI: module imports nothing from spacetime_10.x");
    }
  }

  private void checkImports() {
    for (int i = 0; i < module.importSection().importCount(); i++) {
      Import each = module.importSection().getImport(i);
      String name = each.module() + "." + each.name();
      if (!(each instanceof FunctionImport function)) {
        throw refused(
            "module imports the %s %s, only functions can be imported"
                .formatted(each.importType().name().toLowerCase(Locale.ROOT), name));
      }
      Optional<AbiImport> known = AbiImport.find(each.module(), each.name());
      if (known.isEmpty()) {
        throw refused("unknown import %s".formatted(name));
      }
      FunctionType type = module.typeSection().getType(function.typeIndex());
      if (!known.get().type().equals(type)) {
        throw refused(
            "import %s has type %s, must have %s"
                .formatted(name, text(type), text(known.get().type())));
      }
    }
  }

  private void checkMemory() {
    Export export = exports.get("memory");
    if (export == null || export.exportType() != ExternalType.MEMORY) {
      throw refused("module does not export its memory as memory");
    }
    module
        .memorySection()
        .ifPresent(
            section -> {
              if (section.memoryCount() != 1) {
                throw refused("module has %d memories, limit 1".formatted(section.memoryCount()));
              }
              if (section.getMemory(0).limits().shared()) {
                throw refused("module has shared memory, threads are not supported");
              }
            });
  }

  private void checkExports() {
    checkExport("__describe_module__", FunctionType.accepting(I32), true);
    checkExport(
        "__call_reducer__",
        FunctionType.of(List.of(I32, I64, I64, I64, I64, I64, I64, I64, I32, I32), List.of(I32)),
        true);
    checkExport("_initialize", NOTHING, false);
    checkExport("__setup__", FunctionType.of(List.of(I32), List.of(I32)), false);
    for (String name : exports.keySet()) {
      if (name.startsWith(EntryPoints.PREINIT_PREFIX)) {
        checkExport(name, NOTHING, false);
      }
    }
    checkHttpHandler();
  }

  private void checkHttpHandler() {
    Optional<FunctionType> type = functionType("__call_http_handler__");
    FunctionType old = FunctionType.of(List.of(I32, I64, I32, I32, I32, I32), List.of(I32));
    FunctionType current =
        FunctionType.of(
            List.of(I32, I64, I64, I64, I64, I32, I64, I32, I32, I32, I32), List.of(I32));
    if (type.isPresent() && !type.get().equals(old) && !type.get().equals(current)) {
      throw refused(
          "export __call_http_handler__ has type %s, must have %s or %s"
              .formatted(text(type.get()), text(current), text(old)));
    }
  }

  private void checkExport(String name, FunctionType wanted, boolean required) {
    Optional<FunctionType> type = functionType(name);
    if (type.isEmpty()) {
      if (required) {
        throw refused("module does not export %s".formatted(name));
      }
    } else if (!type.get().equals(wanted)) {
      throw refused(
          "export %s has type %s, must have %s".formatted(name, text(type.get()), text(wanted)));
    }
  }

  /** The type of an exported function; empty if there is no such export. */
  private Optional<FunctionType> functionType(String name) {
    Export export = exports.get(name);
    if (export == null) {
      return Optional.empty();
    }
    if (export.exportType() != ExternalType.FUNCTION) {
      throw refused("export %s is not a function".formatted(name));
    }
    int imported = module.importSection().count(ExternalType.FUNCTION);
    if (export.index() < imported) {
      throw refused("export %s is an import".formatted(name));
    }
    int type = module.functionSection().getFunctionType(export.index() - imported);
    return Optional.of(module.typeSection().getType(type));
  }

  private void checkTables(CompileLimits limits) {
    for (int i = 0; i < module.tableSection().tableCount(); i++) {
      long elements = module.tableSection().getTable(i).limits().min();
      if (elements > limits.tableElementsMax()) {
        throw refused(
            "table %d starts with %d elements, limit %d"
                .formatted(i, elements, limits.tableElementsMax()));
      }
    }
  }

  private void checkTypes() {
    for (FunctionType type : module.typeSection().types()) {
      // Chicory answers null for what is no function type: structs and arrays.
      if (type == null) {
        throw refused("module declares garbage-collected types, which are not supported");
      }
      refuseVectors(type.params(), "a function type");
      refuseVectors(type.returns(), "a function type");
    }
    for (int i = 0; i < module.globalSection().globalCount(); i++) {
      refuseVectors(List.of(module.globalSection().getGlobal(i).valueType()), "global " + i);
    }
  }

  private void checkBodies() {
    int imported = module.importSection().count(ExternalType.FUNCTION);
    for (int i = 0; i < module.codeSection().functionBodyCount(); i++) {
      FunctionBody body = module.codeSection().getFunctionBody(i);
      for (AnnotatedInstruction instruction : body.instructions()) {
        checkOpCode(instruction.opcode(), imported + i);
      }
      refuseVectors(body.localTypes(), "function " + names.name(imported + i));
    }
  }

  private void checkOpCode(OpCode opcode, int function) {
    switch (opcode.opcode() >> OPCODE_GROUP_SHIFT) {
      case SIMD_GROUP -> throw unsupported("SIMD", opcode, function);
      case GC_GROUP -> throw unsupported("garbage collection", opcode, function);
      case THREADS_GROUP -> throw unsupported("threads", opcode, function);
      default -> {
        // Everything else has either no group or is bulk memory and saturating conversion.
      }
    }
  }

  private EngineException unsupported(String feature, OpCode opcode, int function) {
    String name = opcode.name().toLowerCase(Locale.ROOT).replaceFirst("_", ".");
    return refused(
        "function %s uses %s, an instruction of %s, which is not supported"
            .formatted(names.name(function), name, feature));
  }

  private static void refuseVectors(List<ValType> types, String where) {
    if (types.contains(ValType.V128)) {
      throw refused("%s uses v128, a type of SIMD, which is not supported".formatted(where));
    }
  }

  private static String text(FunctionType type) {
    return text(type.params()) + " -> " + text(type.returns());
  }

  private static String text(List<ValType> types) {
    List<String> names = new ArrayList<>();
    for (ValType type : types) {
      names.add(type.toString().toLowerCase(Locale.ROOT));
    }
    return "(" + String.join(", ", names) + ")";
  }

  private static EngineException refused(String message) {
    return EngineException.tenant(message);
  }
}
