package dev.dormouse.database;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.CpuClock;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.LoadedModule;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.modulehost.WasmBuilder;
import dev.dormouse.sats.MemoryBudget;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Which modules start from an image: none whose initialisers can tell where they run, since that
 * would be true of one instance only. Source: docs/decisions/0010-instances-start-from-an-image.md.
 */
final class ProgramImageTest {
  private static final String V0 = "spacetime_10.0";

  private static boolean hasImage(WasmBuilder program) {
    ModuleRuntime runtime = ModuleRuntime.wasm();
    LoadedModule module =
        runtime.load(runtime.compile(program.memory(1).build(), CompileLimits.STANDARD));
    return Program.describe(
            module,
            InstanceLimits.STANDARD,
            new CallWatch(CpuClock.ofThisJvm(), 1),
            CpuBudget.STANDARD,
            MemoryBudget.unlimited(),
            System::nanoTime)
        .image()
        .isPresent();
  }

  /** A module whose initialiser calls an import. */
  private static boolean hasImageAfter(
      String name, String parameters, String results, BiConsumer<WasmBuilder.Code, Integer> call) {
    WasmBuilder builder = WasmBuilder.module();
    int imported = builder.importFunction(V0, name, parameters, results);
    return hasImage(builder.exported("__preinit__1", "", "", code -> call.accept(code, imported)));
  }

  @Test
  void initialisersThatKeepToThemselvesLeaveAnImage() {
    assertTrue(hasImageAfter("identity", "i", "", (code, notCalled) -> code.store(64, 7)));
  }

  @Test
  void whoAskedForTheDatabaseHasNone() {
    assertFalse(hasImageAfter("identity", "i", "", (code, asked) -> code.i32(64).call(asked)));
  }

  @Test
  void whoLoggedHasNone() {
    assertFalse(
        hasImageAfter(
            "console_log",
            "iiiiiiii",
            "",
            (code, log) ->
                code.i32(2).i32(0).i32(0).i32(0).i32(0).i32(1).i32(64).i32(3).call(log)));
  }

  @Test
  void whoTookTheTimeHasNone() {
    assertFalse(
        hasImageAfter(
            "console_timer_start",
            "ii",
            "i",
            (code, start) -> code.i32(64).i32(3).call(start).drop()));
  }
}
