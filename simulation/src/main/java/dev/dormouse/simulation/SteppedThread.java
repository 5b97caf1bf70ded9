package dev.dormouse.simulation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;

/**
 * Virtual threads whose every step goes through an executor of ours. A thread that blocks, parks or
 * yields comes off, and its next step is handed to the executor once it may go on: so code that
 * blocks runs unchanged, and who runs when is decided in one place.
 *
 * <p>The JDK has this constructor for its own tests and does not export it: the JVM needs {@code
 * --add-opens java.base/java.lang=ALL-UNNAMED}.
 */
final class SteppedThread {
  private static final MethodHandle CONSTRUCTOR = constructor();

  private SteppedThread() {}

  private static MethodHandle constructor() {
    try {
      Class<?> builders = Class.forName("java.lang.ThreadBuilders");
      return MethodHandles.privateLookupIn(builders, MethodHandles.lookup())
          .findStatic(
              builders,
              "newVirtualThread",
              MethodType.methodType(
                  Thread.class, Executor.class, String.class, int.class, Runnable.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "the simulation needs --add-opens java.base/java.lang=ALL-UNNAMED and JDK 25", e);
    }
  }

  /** A thread that has not started; its steps go to the executor. */
  static Thread unstarted(Executor steps, String name, Runnable body) {
    try {
      return (Thread) CONSTRUCTOR.invokeExact(steps, name, 0, body);
    } catch (Throwable e) {
      throw new IllegalStateException("no stepped thread", e);
    }
  }
}
