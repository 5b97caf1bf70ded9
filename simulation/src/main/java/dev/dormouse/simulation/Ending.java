package dev.dormouse.simulation;

import dev.dormouse.datastore.SystemTables;
import dev.dormouse.residence.DatabaseState;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How every world ends: nothing goes wrong any more, and so everything must come to rest and be as
 * the model says.
 */
final class Ending {
  private static final long PATIENCE_NANOS = 200_000_000_000L;
  private static final long LOOK_NANOS = 250_000_000;

  private final World world;
  private final List<Site> sites;
  private final List<App> apps;
  private final Visits visits;

  Ending(World world, List<Site> sites, List<App> apps) {
    this.world = world;
    this.sites = sites;
    this.apps = apps;
    this.visits = new Visits(world, Node.OWNER);
  }

  /** Runs as a task outside. */
  void run() {
    for (Site site : sites) {
      serve(site);
    }
    rest("with open sockets");
    Map<Ledger, Fold> states = world.audit(node());
    for (App app : apps) {
      look(app, states);
    }
    for (Site site : sites) {
      connected(site);
      visits.select(site.ledger(), site.example().everything(), true);
      serve(site);
    }
    apps.forEach(App::disconnect);
    rest("without sockets");
    for (Site site : sites) {
      empty(site);
    }
    rest("at the end");
    world.audit(node());
  }

  private Node node() {
    while (true) {
      Optional<Node> node = world.node();
      if (node.isPresent() && node.get().journal().failure().isEmpty()) {
        return node.get();
      }
      world.scheduler().sleep(LOOK_NANOS);
    }
  }

  /** Makes a call that must succeed soon. */
  private void serve(Site site) {
    long begun = world.time().now();
    while (world.time().now() - begun < PATIENCE_NANOS) {
      node();
      Deed deed =
          switch (site.example()) {
            case BANK -> new Deed.Transfer(0, 1, world.freshNumber());
            case CHAT -> new Deed.Say("t" + world.freshNumber());
            case REGISTER -> new Deed.Add("t" + world.freshNumber());
          };
      Optional<?> end = visits.call(site.ledger(), deed);
      if (end.isPresent() && end.get() instanceof Asked.End.Answered<?>) {
        return;
      }
      world.scheduler().sleep(LOOK_NANOS);
    }
    throw new Violation("nothing goes wrong any more, and " + site.example() + " does not serve");
  }

  /** Everything falls asleep, also what was made and whose owner was told that it was not. */
  private void rest(String when) {
    long begun = world.time().now();
    while (world.time().now() - begun < PATIENCE_NANOS) {
      Node node = node();
      if (node.residence().awakeCount() == 0
          && sites.stream()
              .allMatch(
                  site -> node.residence().state(site.ledger().key()) == DatabaseState.ASLEEP)) {
        return;
      }
      world.scheduler().sleep(LOOK_NANOS);
    }
    throw new Violation(
        "%s, not all fall asleep, %d are awake: %s"
            .formatted(
                when,
                node().residence().awakeCount(),
                sites.stream()
                    .map(site -> node().residence().state(site.ledger().key()))
                    .toList()));
  }

  /** What an app holds now is what there is now. */
  private void look(App app, Map<Ledger, Fold> states) {
    Ledger ledger = app.ledger().orElse(null);
    Fold state = ledger == null ? null : states.get(ledger);
    if (app.isConnected() && ledger != null && state != null) {
      app.saw(state.last(), Long.MAX_VALUE);
    }
  }

  /** As many are connected after a sleep as hold a socket, and who asks. */
  private void connected(Site site) {
    long sockets =
        apps.stream()
            .filter(app -> app.isConnected() && app.ledger().equals(Optional.of(site.ledger())))
            .count();
    List<Row> rows = clients(site);
    if (rows.size() != sockets + 1) {
      throw new Violation(
          "%s has %d sockets, and after a sleep it knows of %s"
              .formatted(site.example(), sockets, new TreeSet<>(rows)));
    }
  }

  private List<Row> clients(Site site) {
    long begun = world.time().now();
    while (world.time().now() - begun < PATIENCE_NANOS) {
      Optional<List<Row>> rows =
          visits.select(site.ledger(), "SELECT * FROM st_client", true, world.freshConnection());
      if (rows.isPresent()) {
        return rows.get();
      }
      world.scheduler().sleep(LOOK_NANOS); // A node whose queues are short may have been busy.
    }
    throw new Violation("st_client was not to be had");
  }

  /** Nobody is connected but who asks. */
  private void empty(Site site) {
    List<Row> rows = clients(site);
    if (rows.size() != 1) {
      throw new Violation(
          "%s is connected to by %s when nobody is there"
              .formatted(site.example(), new TreeSet<>(rows)));
    }
    Identity owner = Identity.read(new dev.dormouse.sats.BsatnReader(rows.getFirst().bytes()));
    if (!owner.equals(Node.OWNER)) {
      throw new Violation("st_client has " + rows + " in table " + SystemTables.ST_CLIENT);
    }
  }
}
