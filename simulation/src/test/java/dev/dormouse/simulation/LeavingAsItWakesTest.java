package dev.dormouse.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Database;
import dev.dormouse.residence.DatabaseState;
import dev.dormouse.residence.Sockets;
import dev.dormouse.sats.Identity;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A socket calls a database that sleeps, and is closed while that wakes for it: the call comes
 * before the connection's end or not at all.
 */
final class LeavingAsItWakesTest {
  private static final long SEED = 106_297;
  private static final long LONG_NANOS = 5_000_000_000L;

  /** When the socket is closed: as the residence does this, before or behind it. */
  enum Moment {
    BEFORE_IT_ASKS,
    BEHIND_ITS_ASKING,
    BEFORE_IT_ATTACHES,
    BEHIND_ITS_ATTACHING
  }

  private static final class Leaving implements Story {
    private @Nullable World world;
    private @Nullable App app;
    private boolean armed;
    private boolean left;

    @Override
    public Conditions conditions(RandomGenerator random) {
      return Conditions.quiet(random);
    }

    @Override
    public void run(World begun, SplittableRandom random) {
      world = begun;
      Owner owner = new Owner(begun, random.split());
      Site site = new Site(Example.CHAT, owner.create(Example.CHAT, Optional.empty()));
      App caller = new App(begun, site, Identity.fromClaims("simulation", "app"), random.split());
      app = caller;
      caller.connect();
      while (begun.node().stream()
          .noneMatch(node -> node.residence().state(site.ledger().key()) == DatabaseState.ASLEEP)) {
        begun.scheduler().sleep(Fate.HELD_NANOS);
      }
      armed = true;
      caller.call();
      begun.scheduler().sleep(LONG_NANOS);
      caller.mustBeGone();
      begun.audit(begun.node().orElseThrow());
    }

    /** The client closes its end, and the node has time to see it. */
    private void leave() {
      World present = world;
      App leaving = app;
      if (armed && present != null && leaving != null) {
        armed = false;
        left = true;
        leaving.disconnect();
        present.scheduler().sleep(Fate.HELD_NANOS);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nobodyCallsAfterTheEnd(Moment moment) {
    Leaving story = new Leaving();
    Seams seams =
        new Seams() {
          @Override
          public Sockets sockets(Sockets sockets) {
            return new Closing(sockets, story, moment);
          }
        };
    new World(SEED, story, SharedModules.COMPILED, seams, 0, false).run();
    assertTrue(story.left, "the socket was not closed");
  }

  private record Closing(Sockets sockets, Leaving story, Moment moment) implements Sockets {
    private void at(Moment now) {
      if (now == moment) {
        story.leave();
      }
    }

    @Override
    public boolean isOpen(DatabaseKey key, Caller connection) {
      at(Moment.BEFORE_IT_ASKS);
      boolean open = sockets.isOpen(key, connection);
      at(Moment.BEHIND_ITS_ASKING);
      return open;
    }

    @Override
    public void awake(DatabaseKey key, Database database) {
      at(Moment.BEFORE_IT_ATTACHES);
      sockets.awake(key, database);
      at(Moment.BEHIND_ITS_ATTACHING);
    }

    @Override
    public void close(DatabaseKey key, String reason) {
      sockets.close(key, reason);
    }
  }
}
