package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.EngineException.Code;
import dev.dormouse.sats.ModuleHash;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;

/** Wasm modules by Chicory's compiler to JVM bytecode. */
final class WasmRuntime implements ModuleRuntime {
  @Override
  public ModuleArtefact compile(byte[] program, CompileLimits limits) {
    if (program.length > limits.programBytesMax()) {
      throw EngineException.tenant(
          "module has %d bytes, limit %d bytes"
              .formatted(program.length, limits.programBytesMax()));
    }
    WasmSections sections = WasmSections.of(program);
    sections.check(limits);
    FunctionNames names = FunctionNames.ofProgram(sections);
    try {
      checkInterrupt();
      WasmModule module = Parser.parse(program);
      checkInterrupt();
      new ModuleChecks(module, names).check(limits);
      GuestClasses compiled = GuestClasses.compile(module, sections.bodyBytes(), limits);
      return new ModuleArtefact(
          ModuleHash.ofProgram(program),
          warnings(compiled, names),
          names.toBytes(),
          sections.withoutBodies(ownFunctions(compiled.interpreted(), module)),
          compiled.classes(),
          new InstanceStart.ByInitialisers(InstanceImage.isPossible(module)));
    } catch (ChicoryInterruptedException e) {
      throw new EngineException(
          Code.TENANT, "module of %d bytes took too long to compile".formatted(program.length), e);
    } catch (StackOverflowError e) {
      throw new EngineException(Code.TENANT, "module nests its blocks too deeply to compile", e);
    } catch (ChicoryException e) {
      throw new EngineException(Code.TENANT, "not a valid wasm module: " + e.getMessage(), e);
    } catch (EngineException e) {
      throw e;
    } catch (RuntimeException e) {
      // The parser meets malformed bytes with whatever exception they lead to.
      throw new EngineException(Code.TENANT, "not a valid wasm module: " + e, e);
    }
  }

  private static void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new ChicoryInterruptedException("compilation interrupted");
    }
  }

  private static Set<Integer> ownFunctions(Set<Integer> functions, WasmModule module) {
    int imported = module.importSection().importCount();
    Set<Integer> own = new TreeSet<>();
    functions.forEach(function -> own.add(function - imported));
    return own;
  }

  private static List<String> warnings(GuestClasses compiled, FunctionNames names) {
    List<String> warnings = new ArrayList<>();
    List<GuestClasses.SlowFunction> slow = compiled.slow();
    addWarnings(
        warnings,
        slow.size(),
        i ->
            "function %s has %d bytes of bytecode; beyond %d the JVM does not optimise by default"
                .formatted(
                    names.name(slow.get(i).index()),
                    slow.get(i).bytes(),
                    CompileLimits.JIT_METHOD_BYTES_MAX));
    List<Integer> interpreted = List.copyOf(compiled.interpreted());
    addWarnings(
        warnings,
        interpreted.size(),
        i ->
            "function %s is too large for the JVM and runs interpreted, about 100 times slower"
                .formatted(names.name(interpreted.get(i))));
    return warnings;
  }

  private static void addWarnings(List<String> to, int count, IntFunction<String> warning) {
    for (int i = 0; i < Math.min(count, CompileLimits.WARNINGS_MAX); i++) {
      to.add(warning.apply(i));
    }
    if (count > CompileLimits.WARNINGS_MAX) {
      to.add("and %d more such functions".formatted(count - CompileLimits.WARNINGS_MAX));
    }
  }

  @Override
  public LoadedModule load(ModuleArtefact artefact) {
    return new WasmLoaded(artefact, parse(artefact.module()));
  }

  /** Parses what an artefact has of a program: of its functions only those that are interpreted. */
  static WasmModule parse(byte[] module) {
    if (!WasmSections.of(module).hasBodies()) {
      return ModuleOutline.parse(module);
    }
    return Parser.builder()
        .withValidation(false)
        .build()
        .parse(() -> new ByteArrayInputStream(module));
  }
}
