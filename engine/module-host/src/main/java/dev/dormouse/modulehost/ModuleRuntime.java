package dev.dormouse.modulehost;

/**
 * Turns published programs into modules that can be called.
 *
 * <p>Laws: {@link #compile} depends on the program alone, and what it gives can be stored; {@link
 * #load} neither parses nor compiles the program again. Both may be called by any thread, and by
 * several at once.
 */
public interface ModuleRuntime {
  /**
   * Checks and compiles a program. Takes 50 ms to seconds and must not run on a lane.
   *
   * <p>A deadline is the caller's: interrupt the thread, and this ends with the code {@code TENANT}
   * and the interrupt flag still set. It is noticed between the phases and between groups of
   * functions. A hostile program is best compiled in a process of its own.
   *
   * @throws dev.dormouse.sats.EngineException with the code {@code TENANT} for what is no module
   *     that this host can run; the message names what is wrong
   */
  ModuleArtefact compile(byte[] program, CompileLimits limits);

  /** Loads the classes of a compiled module, in a class loader of its own. */
  LoadedModule load(ModuleArtefact artefact);

  /** The runtime of wasm modules. */
  static ModuleRuntime wasm() {
    return new WasmRuntime();
  }
}
