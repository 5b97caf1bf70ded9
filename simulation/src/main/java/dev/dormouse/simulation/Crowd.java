package dev.dormouse.simulation;

import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Callers, apps and owners do what they do, in a world where things go wrong.
 *
 * @param badDisk whether the disk is among them in any case
 */
record Crowd(boolean badDisk) implements Story {
  private static final long LOOK_NANOS = 1_000_000_000;

  /** How many different people there are. */
  private static final int PEOPLE = 4;

  @Override
  public Conditions conditions(RandomGenerator random) {
    return badDisk ? Conditions.badDisk(random) : Conditions.of(random);
  }

  @Override
  public void run(World world, SplittableRandom random) {
    Owner owner = new Owner(world, random.split());
    List<Site> sites = new ArrayList<>();
    for (int i = 0; i < world.conditions().databases(); i++) {
      Example example = Example.of(random);
      sites.add(new Site(example, owner.create(example, Optional.empty())));
    }
    world.begin();
    Lives lives = new Lives(world, random);
    List<App> apps = new ArrayList<>();
    int people = 0;
    for (Site site : sites) {
      for (int i = 0; i < world.conditions().callers(); i++) {
        HttpCaller caller = new HttpCaller(world, site, person(people++), random.split());
        lives.begin(caller::act);
      }
      for (int i = 0; i < world.conditions().apps(); i++) {
        App app = new App(world, site, person(people++), random.split());
        apps.add(app);
        lives.begin(app::act);
      }
    }
    if (world.conditions().republishes()) {
      lives.begin(() -> owner.act(sites.get(owner.pick(sites.size()))));
    }
    while (lives.running > 0) {
      world.scheduler().sleep(LOOK_NANOS);
    }
    world.calmDown();
    new Ending(world, sites, apps).run();
  }

  private static Identity person(int number) {
    return Identity.fromClaims("simulation", "person " + number % PEOPLE);
  }

  /** Tasks outside that do so many deeds each, with pauses. */
  private static final class Lives {
    private final World world;
    private final SplittableRandom random;
    private int running;

    Lives(World world, SplittableRandom random) {
      this.world = world;
      this.random = random;
    }

    /** Starts one; its deeds answer whether they could be done. */
    void begin(BooleanSupplier act) {
      running++;
      world.outside(
          () -> {
            live(act);
            running--;
          });
    }

    private void live(BooleanSupplier act) {
      RandomGenerator own = random.split();
      Conditions conditions = world.conditions();
      int deeds = 0;
      while (deeds < conditions.deeds()) {
        long idle = conditions.residence().idleAfter().toNanos();
        boolean isLong = own.nextInt(100) < conditions.idleShare();
        world.scheduler().sleep(isLong ? own.nextLong(4 * idle) : own.nextLong(400_000));
        if (act.getAsBoolean()) {
          deeds++;
        } else {
          world.scheduler().sleep(LOOK_NANOS / 4);
        }
      }
    }
  }
}
