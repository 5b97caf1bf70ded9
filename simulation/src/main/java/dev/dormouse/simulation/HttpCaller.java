package dev.dormouse.simulation;

import dev.dormouse.sats.Identity;
import java.util.random.RandomGenerator;

/** Somebody who calls and asks over HTTP, one request after another. */
final class HttpCaller {
  private final Site site;
  private final Visits visits;
  private final World world;
  private final RandomGenerator random;

  HttpCaller(World world, Site site, Identity identity, RandomGenerator random) {
    this.world = world;
    this.site = site;
    this.visits = new Visits(world, identity);
    this.random = random;
  }

  /** Makes one request, if there is a process to ask; whether there was. */
  boolean act() {
    if (world.node().isEmpty()) {
      return false;
    }
    Ledger ledger = site.ledger();
    if (random.nextInt(4) == 0) {
      visits.select(ledger, site.example().query(random), random.nextInt(4) != 0);
      return true;
    }
    return visits.call(ledger, site.example().deed(random, world.freshNumber())).isPresent();
  }
}
