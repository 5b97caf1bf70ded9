package dev.dormouse.simulation;

import java.time.Duration;

/**
 * Runs worlds one after another for as long as asked, and says which broke an invariant.
 *
 * <pre>
 *   -Dsimulation.seed=N       the first seed (default 1); without seconds that one alone, with the
 *                             end of its trace
 *   -Dsimulation.seconds=N    how long
 *   -Dsimulation.story=…      "bad disk", "vigil", or a {@link Visit} such as "CALL at 17", instead of a crowd
 *   -Dsimulation.racing=true  tasks come off between any two shared accesses, not only at seams
 * </pre>
 */
public final class Soak {
  private static final int TRACE_LINES = 400;

  private Soak() {}

  /** Runs until the time is over; the exit status is 1 if something was found. */
  public static void main(String[] arguments) {
    long first = Long.getLong("simulation.seed", 1);
    long seconds = Long.getLong("simulation.seconds", 0);
    boolean single = seconds == 0;
    if (single) {
      Worlds.showLog();
    }
    Worlds.Runner worlds =
        Boolean.getBoolean("simulation.racing") ? Worlds.racing() : Worlds.plain();
    String story = System.getProperty("simulation.story", Worlds.CROWD);
    long begun = System.nanoTime();
    long seed = first;
    long found = 0;
    long committed = 0;
    long steps = 0;
    long resumptions = 0;
    do {
      try {
        long[] figures = worlds.run(story, seed, single ? TRACE_LINES : 0);
        committed += figures[0];
        steps += figures[1];
        resumptions += figures[4];
        if (single) {
          System.out.println("digest " + Long.toHexString(figures[2]));
        }
      } catch (IllegalStateException e) {
        found++;
        System.out.println(e.getMessage());
        if (single) {
          e.printStackTrace(System.out);
        }
      }
      seed++;
    } while (System.nanoTime() - begun < Duration.ofSeconds(seconds).toNanos());
    double took = (System.nanoTime() - begun) / 1e9;
    long count = seed - first;
    System.out.printf(
        "%d worlds in %.1f s, %.1f a second; %d calls committed, %d steps, %d failed"
            + " journals resumed; %d worlds with findings%n",
        count, took, count / took, committed, steps, resumptions, found);
    System.exit(found == 0 ? 0 : 1);
  }
}
