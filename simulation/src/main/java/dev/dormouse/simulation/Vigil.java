package dev.dormouse.simulation;

import dev.dormouse.sats.Identity;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A database is stored in the background while a client stays connected to it, and its neighbour
 * fills the journal, so that the files before go. Then the process dies, at any step or after all
 * of it, and nobody comes: that the client has gone must be noticed all the same.
 */
final class Vigil implements Story {
  /** Enough for the neighbour to fill several files of the journal. */
  private static final int ROUNDS = 10;

  private static final int TEXT_BYTES = 7 << 10;
  private static final long ROUND_NANOS_MAX = 800_000_000;

  /** More steps than most vigils have. */
  private static final int STEPS_MAX = 3_000;

  /** Longer than a request may be parked, and than a process stays dead. */
  private static final long SILENCE_NANOS = 45_000_000_000L;

  @Override
  public Conditions conditions(RandomGenerator random) {
    return Conditions.watchful(random);
  }

  @Override
  public void run(World world, SplittableRandom random) {
    Owner owner = new Owner(world, random.split());
    Example example = Example.of(random);
    Site site = new Site(example, owner.create(example, Optional.empty()));
    Ledger neighbour = owner.create(Example.CHAT, Optional.empty());
    App app = new App(world, site, Identity.fromClaims("simulation", "app"), random.split());
    app.connect();
    app.subscribe();
    if (random.nextBoolean()) {
      Node node = world.node().orElseThrow(() -> new Violation("no process serves"));
      world
          .fate()
          .holdAfter(random.nextInt(STEPS_MAX), () -> world.fate().crash(node.process(), "vigil"));
    }
    Visits visits = new Visits(world, Node.OWNER);
    for (int round = 0; round < ROUNDS && world.figures().crashes == 0; round++) {
      visits.call(neighbour, new Deed.Say("x".repeat(TEXT_BYTES) + world.freshNumber()));
      world.scheduler().sleep(random.nextLong(ROUND_NANOS_MAX));
    }
    world.fate().holdAfter(-1, () -> {});
    if (world.figures().crashes == 0) {
      world.node().ifPresent(node -> world.fate().crash(node.process(), "end of a vigil"));
    }
    world.scheduler().sleep(SILENCE_NANOS);
    app.mustBeGone();
    world.audit(world.node().orElseThrow(() -> new Violation("no process serves")));
  }
}
