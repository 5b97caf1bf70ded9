package dev.dormouse.simulation;

import dev.dormouse.modulehost.ModuleRuntime;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs worlds: with the engine as it is, or as a class loader changes it. */
public final class Worlds {
  /** The story of a crowd, in a world where things go wrong. */
  public static final String CROWD = "crowd";

  /** The same on a disk whose appends and syncs fail. */
  public static final String BAD_DISK = "bad disk";

  /** The story of a database that is stored while it serves. */
  public static final String VIGIL = "vigil";

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

  /** One that runs worlds by their story and seed. */
  @FunctionalInterface
  public interface Runner {
    /**
     * Runs one world.
     *
     * @param story {@link #CROWD}, {@link #BAD_DISK}, {@link #VIGIL}, or a visit such as {@code
     *     CALL at 17}
     * @param traceLines how many lines of its trace to print; 0 for none
     * @return what it went through: calls committed, steps made, digest, whether the visitor came,
     *     how often the journal was resumed
     * @throws IllegalStateException naming story and seed, if an invariant was broken
     */
    long[] run(String story, long seed, int traceLines);

    /**
     * Has something happen in each step of a database's falling asleep, each time in a new world.
     *
     * @param deed what happens
     * @return how many steps there are
     */
    default long visitEveryStep(String deed, long seed) {
      long step = 0;
      while (run("%s at %d".formatted(deed, step), seed, 0)[VISITS] == 1) {
        step++;
      }
      return step;
    }
  }

  /** Where the figures of a world say whether the visitor came. */
  private static final int VISITS = 3;

  /** Runs one world; for {@link #of}, which calls it in classes of its own. */
  static long[] run(
      ModuleRuntime modules, boolean racing, String story, long seed, int traceLines) {
    World world =
        new World(seed, story(story), new SharedModules(modules), Seams.HONEST, traceLines, racing);
    try {
      World.Figures figures = world.run();
      print(world, traceLines);
      return new long[] {
        figures.committed, figures.steps, figures.digest, figures.visits, figures.resumptions
      };
    } catch (RuntimeException e) {
      print(world, traceLines);
      throw new IllegalStateException(
          "%s, seed %d%s violates: %s"
              .formatted(story, seed, racing ? ", racing," : "", e.getMessage()),
          e);
    }
  }

  private static Story story(String name) {
    return switch (name) {
      case CROWD -> new Crowd(false);
      case BAD_DISK -> new Crowd(true);
      case VIGIL -> new Vigil();
      default -> Visit.of(name);
    };
  }

  private static void print(World world, int traceLines) {
    if (traceLines > 0) {
      System.out.println(world.conditions());
      world.trace().lines().forEach(System.out::println);
    }
  }

  /** Worlds in which tasks come off at seams. */
  public static Runner plain() {
    return (story, seed, lines) -> run(SharedModules.COMPILED, false, story, seed, lines);
  }

  /** Worlds in which tasks also come off between instructions of the engine. */
  public static Runner racing() {
    return of(new RacingLoader(Worlds.class.getClassLoader()), true);
  }

  /** Worlds of the engine as a loader makes it. */
  static Runner of(EngineLoader loader) {
    return of(loader, false);
  }

  private static Runner of(EngineLoader loader, boolean racing) {
    MethodHandle run;
    try {
      Class<?> worlds = loader.loadClass(Worlds.class.getName());
      run =
          MethodHandles.privateLookupIn(worlds, MethodHandles.lookup())
              .findStatic(
                  worlds,
                  "run",
                  MethodType.methodType(
                      long[].class,
                      ModuleRuntime.class,
                      boolean.class,
                      String.class,
                      long.class,
                      int.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    return (story, seed, lines) -> {
      try {
        return (long[])
            run.invokeExact((ModuleRuntime) SharedModules.COMPILED, racing, story, seed, lines);
      } catch (RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    };
  }
}
