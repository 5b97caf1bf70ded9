package dev.dormouse.simulation;

import dev.dormouse.residence.DatabaseState;
import dev.dormouse.sats.Identity;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One thing happens in the middle of one step of a database's falling asleep, and nothing follows:
 * whatever the database owes for it must come by itself.
 *
 * @param deed what happens
 * @param step how many steps of the node to let pass once the database is idle
 */
record Visit(Deed deed, long step) implements Story {
  /** Often enough to come while a task is held. */
  private static final long LOOK_NANOS = Fate.HELD_NANOS / 2;

  /** Longer than a request may be parked, and than a process stays dead. */
  private static final long SILENCE_NANOS = 45_000_000_000L;

  /** What happens. */
  enum Deed {
    /** A call over HTTP. */
    CALL,
    /** A statement over HTTP. */
    QUERY,
    /** A call on a socket that has been open all the time. */
    MESSAGE,
    /** A new connection. */
    ARRIVAL,
    /** The client of a socket leaves. */
    DEPARTURE,
    /** The process dies, with the socket. */
    DEATH
  }

  /** The visit of a name such as {@code CALL at 17}. */
  static Visit of(String name) {
    String[] parts = name.split(" at ", -1);
    return new Visit(Deed.valueOf(parts[0]), Long.parseLong(parts[1]));
  }

  @Override
  public String toString() {
    return deed + " at " + step;
  }

  @Override
  public Conditions conditions(RandomGenerator random) {
    return Conditions.quiet(random);
  }

  @Override
  public void run(World world, SplittableRandom random) {
    Example example = Example.of(random);
    Owner owner = new Owner(world, random.split());
    Site site = new Site(example, owner.create(example, Optional.empty()));
    App app = new App(world, site, Identity.fromClaims("simulation", "app"), random.split());
    app.connect();
    app.subscribe();
    Visits visits = new Visits(world, Node.OWNER);
    waitForRest(world, site);
    visits.call(site.ledger(), example.deed(random, world.freshNumber()));

    boolean[] held = new boolean[1];
    world.fate().holdAfter(step, () -> held[0] = true);
    while (!held[0] && !isAsleep(world, site)) {
      world.scheduler().sleep(LOOK_NANOS);
    }
    world.fate().holdAfter(-1, () -> {});
    if (held[0]) {
      world.figures().visits++;
      happen(world, site, app, visits, random);
      world.audit(world.node().orElseThrow(() -> new Violation("no process serves")));
    }
  }

  private void happen(World world, Site site, App app, Visits visits, SplittableRandom random) {
    switch (deed) {
      case CALL -> visits.call(site.ledger(), site.example().deed(random, world.freshNumber()));
      case QUERY -> visits.select(site.ledger(), site.example().everything(), true);
      case MESSAGE -> app.call();
      case ARRIVAL ->
          new App(world, site, Identity.fromClaims("simulation", "late"), random.split()).connect();
      case DEPARTURE -> {
        app.disconnect();
        leftAlone(world, app);
      }
      case DEATH -> {
        world.node().ifPresent(node -> world.fate().crash(node.process(), deed.name()));
        leftAlone(world, app);
      }
    }
  }

  /** Nobody comes any more: what has to be done about the app's end is done by itself. */
  private static void leftAlone(World world, App app) {
    world.scheduler().sleep(SILENCE_NANOS);
    app.mustBeGone();
  }

  private static boolean isAsleep(World world, Site site) {
    return world.node().stream()
        .anyMatch(node -> node.residence().state(site.ledger().key()) == DatabaseState.ASLEEP);
  }

  private static void waitForRest(World world, Site site) {
    while (!isAsleep(world, site)) {
      world.scheduler().sleep(LOOK_NANOS);
    }
  }
}
