package dev.dormouse.benchmarks.cases;

import java.io.IOException;

/** One row of the table in the README. */
interface Case {
  /** Measures and prints. Throws if what it measured is not right. */
  void run(Bench bench) throws IOException, InterruptedException;
}
