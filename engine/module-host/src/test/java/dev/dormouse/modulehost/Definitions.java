package dev.dormouse.modulehost;

import dev.dormouse.sats.module.ModuleSchema;

/** What tests need to know of a module's definition. */
final class Definitions {
  private Definitions() {}

  /** The id of a reducer, by its canonical name. */
  static int reducer(ModuleInstance instance, String name) {
    return ModuleSchema.fromDescription(instance.description()).reducerId(name).orElseThrow();
  }
}
