package dev.dormouse.modulehost;

import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.ModuleHash;

/**
 * A module in memory, shared by all instances of the same program; unloaded when nothing refers to
 * it and to its instances any more. Safe for use by several threads.
 */
public interface LoadedModule {
  /** Which program. */
  ModuleHash hash();

  /** Roughly what it takes of heap and metaspace, in bytes, without its instances. */
  long footprintBytes();

  /**
   * The same classes, whose instances start as another artefact of the same program says: by the
   * image that it has.
   *
   * @throws IllegalArgumentException if it is of another program
   */
  LoadedModule startingAs(ModuleArtefact artefact);

  /**
   * Loads and verifies all its code, which otherwise happens piece by piece when it runs first. Not
   * for large modules, of which a call needs a small part: those stay as they are.
   */
  void loadClasses();

  /**
   * Makes an instance, a copy of the module's image or else by running the guest's initialisers, on
   * the current thread. The module's definition is then at {@link ModuleInstance#description()}.
   *
   * @param host what the instance asks; without a transaction at first
   * @param limits what the instance may take
   * @param watch stops the guest when it is over budget, now and in every call
   * @param budget for all initialisers together
   * @param memory covers the guest's memory until the instance is closed
   * @throws dev.dormouse.sats.EngineException with the code {@code RETRY} if the node has not so
   *     much memory; with the code {@code TENANT} if the guest traps, runs over its budget or
   *     refuses; the message says in which initialiser
   */
  ModuleInstance instantiate(
      HostCalls host,
      InstanceLimits limits,
      CallWatch watch,
      CpuBudget budget,
      MemoryBudget memory);
}
