package dev.dormouse.sats.module;

/**
 * A module mounted in another.
 *
 * @param accessor the namespace in the mounting module's source
 * @param name the canonical namespace
 * @param schema the module by itself: its names have no path, its references its own types
 */
public record SubmoduleDef(String accessor, String name, ModuleSchema schema) {}
