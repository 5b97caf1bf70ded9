package dev.dormouse.simulation;

import dev.dormouse.modulehost.ModuleRuntime;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs worlds, as they are or with tasks that come off between instructions. */
public final class Worlds {
  /**
   * What the engine logs. Silent: the stream it would go to has a lock that is shared with threads
   * that no world steps, so that a task could wait for one of them. Held, since a logger that
   * nobody holds forgets its level.
   */
  private static final Logger ENGINE = Logger.getLogger("dormouse.database");

  static {
    ENGINE.setLevel(Level.OFF);
  }

  private Worlds() {}

  /** Lets the engine's log through, for a person who looks at one world. */
  static void showLog() {
    ENGINE.setLevel(Level.INFO);
  }

  /** One that runs worlds by their seed. */
  @FunctionalInterface
  public interface Runner {
    /**
     * Runs one world.
     *
     * @param traceLines how many lines of its trace to print; 0 for none
     * @return what it went through: calls committed, steps made, digest
     */
    long[] run(long seed, int traceLines);
  }

  /** Runs one world; for {@link #racing}, which calls it in classes of its own. */
  static long[] run(ModuleRuntime modules, boolean racing, long seed, int traceLines) {
    World world = new World(seed, new SharedModules(modules), Seams.HONEST, traceLines, racing);
    try {
      World.Figures figures = world.run();
      print(world, traceLines);
      return new long[] {figures.committed, figures.steps, figures.digest};
    } catch (RuntimeException e) {
      print(world, traceLines);
      throw new IllegalStateException(
          "seed %d%s violates: %s".formatted(seed, racing ? ", racing," : "", e.getMessage()), e);
    }
  }

  private static void print(World world, int traceLines) {
    if (traceLines > 0) {
      System.out.println(world.conditions());
      world.trace().lines().forEach(System.out::println);
    }
  }

  /** Worlds in which tasks come off at seams. */
  public static Runner plain() {
    return (seed, lines) -> run(SharedModules.COMPILED, false, seed, lines);
  }

  /** Worlds in which tasks also come off between instructions of the engine. */
  public static Runner racing() {
    MethodHandle run;
    try {
      Class<?> worlds =
          new RacingLoader(Worlds.class.getClassLoader()).loadClass(Worlds.class.getName());
      run =
          MethodHandles.privateLookupIn(worlds, MethodHandles.lookup())
              .findStatic(
                  worlds,
                  "run",
                  MethodType.methodType(
                      long[].class, ModuleRuntime.class, boolean.class, long.class, int.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    return (seed, lines) -> {
      try {
        return (long[]) run.invokeExact((ModuleRuntime) SharedModules.COMPILED, true, seed, lines);
      } catch (RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    };
  }
}
