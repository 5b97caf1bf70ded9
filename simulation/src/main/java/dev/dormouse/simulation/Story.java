package dev.dormouse.simulation;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What a world is like and what happens in it. */
interface Story {
  /** The conditions of the world of a seed. */
  Conditions conditions(RandomGenerator random);

  /** Lets it happen, as a task outside; the world ends when it returns. */
  void run(World world, SplittableRandom random);
}
