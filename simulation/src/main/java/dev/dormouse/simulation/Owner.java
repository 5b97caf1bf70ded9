package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.Publish;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Who publishes databases, publishes over them and begins them anew. */
final class Owner {
  private static final long RETRY_NANOS = 300_000_000;
  private static final int REVISIONS = 3;

  private final World world;
  private final RandomGenerator random;
  private final Visits visits;

  Owner(World world, RandomGenerator random) {
    this.world = world;
    this.random = random;
    this.visits = new Visits(world, Node.OWNER);
  }

  int pick(int bound) {
    return random.nextInt(bound);
  }

  /** Publishes until it is answered that a new database serves, and fills it. */
  Ledger create(Example example, Optional<Ledger> replaced) {
    while (true) {
      Optional<Ledger> created = publish(example, replaced);
      if (created.isPresent()) {
        fill(created.get());
        return created.get();
      }
      world.scheduler().sleep(RETRY_NANOS);
    }
  }

  private Optional<Ledger> publish(Example example, Optional<Ledger> replaced) {
    Node node = world.node().orElse(null);
    if (node == null) {
      return Optional.empty();
    }
    Ledger fresh = world.freshLedger(example);
    Asked<DatabaseKey> asked = world.ask("publish of " + example, node);
    replaced.ifPresent(Ledger::deleted);
    node.publish(0, fresh.key(), example, 0, replaced.map(Ledger::key), asked);
    Asked.End<DatabaseKey> end = asked.await();
    world.trace().line("publish " + end);
    if (end instanceof Asked.End.Answered<DatabaseKey>) {
      fresh.created();
      return Optional.of(fresh);
    }
    if (end instanceof Asked.End.Refused<DatabaseKey>(var why) && world.fate().faults() == 0) {
      world.fate().violated("a publish was refused: " + why.text());
    }
    return Optional.empty();
  }

  private void fill(Ledger ledger) {
    if (ledger.example() != Example.BANK) {
      return;
    }
    while (true) {
      boolean answered =
          visits.call(ledger, new Deed.Seed(Example.ACCOUNTS, Example.BALANCE)).stream()
              .anyMatch(
                  end ->
                      end instanceof Asked.End.Answered<CallResult>(CallResult result)
                          && result instanceof CallResult.Committed);
      if (answered || ledger.isDeleted()) {
        return;
      }
      world.scheduler().sleep(RETRY_NANOS);
    }
  }

  /** Changes a site, if there is a process to ask; whether there was. */
  boolean act(Site site) {
    Node node = world.node().orElse(null);
    if (node == null) {
      return false;
    }
    if (random.nextInt(4) == 0) {
      site.standsFor(create(site.example(), Optional.of(site.ledger())));
      return true;
    }
    boolean fits = random.nextInt(4) != 0;
    Example program = fits ? site.example() : other(site.example());
    Asked<Publish.Outcome> asked = world.ask("update with " + program, node);
    node.update(0, site.ledger().key(), program, random.nextInt(REVISIONS), asked);
    Asked.End<Publish.Outcome> end = asked.await();
    world.trace().line("update " + end);
    switch (end) {
      case Asked.End.Answered<Publish.Outcome>(Publish.Outcome outcome) -> {
        boolean rejected = outcome instanceof Publish.Outcome.Rejected;
        if (rejected == fits && world.fate().faults() == 0) {
          world.fate().violated("an update with %s: %s".formatted(program, outcome));
        }
      }
      case Asked.End.Refused<Publish.Outcome>(var why) ->
          world.refusals().refused(site.ledger().key(), asked.toString(), why);
      case Asked.End.Lost<Publish.Outcome> ignored -> {}
    }
    return true;
  }

  private static Example other(Example example) {
    return example == Example.BANK ? Example.CHAT : Example.BANK; // Their tables differ.
  }
}
