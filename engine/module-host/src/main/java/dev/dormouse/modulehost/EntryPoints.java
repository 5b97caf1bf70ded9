package dev.dormouse.modulehost;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The indices of the functions that the host calls. Source: spec module-abi §7.
 *
 * @param initialize {@code _initialize}
 * @param preinits {@code __preinit__*} in the order in which they run
 * @param setup {@code __setup__}
 * @param describe {@code __describe_module__}
 * @param callReducer {@code __call_reducer__}
 */
record EntryPoints(
    OptionalInt initialize,
    List<Preinit> preinits,
    OptionalInt setup,
    int describe,
    int callReducer) {
  static final String PREINIT_PREFIX = "__preinit__";

  /**
   * A registration hook.
   *
   * @param name of the export
   * @param function its index
   */
  record Preinit(String name, int function) {}

  /** Finds the entry points of a module that has passed its checks. */
  static EntryPoints of(WasmModule module) {
    OptionalInt initialize = OptionalInt.empty();
    OptionalInt setup = OptionalInt.empty();
    OptionalInt describe = OptionalInt.empty();
    OptionalInt callReducer = OptionalInt.empty();
    List<Preinit> preinits = new ArrayList<>();
    for (int i = 0; i < module.exportSection().exportCount(); i++) {
      Export export = module.exportSection().getExport(i);
      if (export.exportType() != ExternalType.FUNCTION) {
        continue;
      }
      switch (export.name()) {
        case "_initialize" -> initialize = OptionalInt.of(export.index());
        case "__setup__" -> setup = OptionalInt.of(export.index());
        case "__describe_module__" -> describe = OptionalInt.of(export.index());
        case "__call_reducer__" -> callReducer = OptionalInt.of(export.index());
        default -> {
          if (export.name().startsWith(PREINIT_PREFIX)) {
            preinits.add(new Preinit(export.name(), export.index()));
          }
        }
      }
    }
    preinits.sort((a, b) -> Arrays.compareUnsigned(utf8(a.name()), utf8(b.name())));
    return new EntryPoints(
        initialize,
        List.copyOf(preinits),
        setup,
        describe.orElseThrow(),
        callReducer.orElseThrow());
  }

  private static byte[] utf8(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
