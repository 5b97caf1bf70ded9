package dev.dormouse.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A call that is made again, because nobody heard that it had happened, changes nothing and takes
 * no offset: it is acknowledged, is not in the log, and is not lost. What was not there is.
 */
final class RepeatedCallTest {
  private static final long SEED = 1508;

  /** More than a database takes to be made and filled. */
  private static final long STEPS_MAX = 2_000;

  private static World.Figures run(Story story) {
    return new World(SEED, story, SharedModules.COMPILED, Seams.HONEST, 0, false).run();
  }

  /** The process that serves, or the next one. */
  private static Node serving(World world) {
    while (world.node().isEmpty()) {
      world.scheduler().sleep(Fate.HELD_NANOS);
    }
    return world.node().orElseThrow();
  }

  private static Ledger.Connection last(Ledger ledger) {
    return List.copyOf(ledger.connections().values()).getLast();
  }

  /** The process dies at one step of a database's being made and filled, and its owner goes on. */
  private static final class Interrupted implements Story {
    private final long step;
    private boolean died;
    private boolean repeated;

    Interrupted(long step) {
      this.step = step;
    }

    @Override
    public Conditions conditions(RandomGenerator random) {
      return Conditions.quiet(random);
    }

    @Override
    public void run(World world, SplittableRandom random) {
      Node first = serving(world);
      world
          .fate()
          .holdAfter(
              step,
              () -> {
                died = true;
                world.fate().crash(first.process(), "step " + step);
              });
      Ledger ledger = new Owner(world, random.split()).create(Example.BANK, Optional.empty());
      world.fate().holdAfter(-1, () -> {});
      Node last = serving(world);
      world.audit(last);
      try {
        List<History.Commit> commits =
            History.read(last.journal(), world.cold(), world.conditions().log(), ledger.key())
                .commits();
        Ledger.Connection answered = last(ledger);
        assertEquals(Ledger.Outcome.DURABLE, answered.calls.getLast().outcome);
        List<History.Commit> seeds =
            commits.stream().filter(commit -> commit.function().equals("seed")).toList();
        assertEquals(1, seeds.size(), "seeds in the log, died at step " + step);
        repeated = !seeds.getFirst().connection().equals(answered.id);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void whatHappenedUnheardIsNotLostWhenItIsAskedAgain() {
    int repeated = 0;
    boolean died = true; // Else the step was beyond the last one.
    for (long step = 0; died && step < STEPS_MAX; step++) {
      Interrupted story = new Interrupted(step);
      run(story);
      died = story.died;
      repeated += story.repeated ? 1 : 0;
    }
    assertTrue(!died, "a database is not made within %d steps".formatted(STEPS_MAX));
    assertTrue(repeated > 0, "at no step had it happened unheard");
  }

  /** A bank is told to have been filled as it was not. */
  private record Imagined(int accounts, long balance, boolean afterTransfer) implements Story {
    @Override
    public Conditions conditions(RandomGenerator random) {
      return Conditions.quiet(random);
    }

    @Override
    public void run(World world, SplittableRandom random) {
      Ledger ledger = new Owner(world, random.split()).create(Example.BANK, Optional.empty());
      Visits visits = new Visits(world, Node.OWNER);
      if (afterTransfer) {
        visits.call(ledger, new Deed.Transfer(0, 1, 1));
      }
      visits.select(ledger, Example.BANK.everything(), true);
      Ledger.Connection asked = last(ledger);
      asked.call(new Deed.Seed(accounts, balance)).outcome = Ledger.Outcome.DURABLE;
      world.audit(serving(world));
    }
  }

  @ParameterizedTest
  @CsvSource({"7, 1000000, false", "6, 1000001, false", "6, 1000000, true"})
  void whatWasAcknowledgedAndIsNotThereIsLost(int accounts, long balance, boolean afterTransfer) {
    Violation found =
        assertThrows(Violation.class, () -> run(new Imagined(accounts, balance, afterTransfer)));
    String what = String.valueOf(found.getMessage());
    assertTrue(
        what.startsWith(
            "Seed[count=%d, balance=%d] was acknowledged and is lost".formatted(accounts, balance)),
        what);
  }

  @Test
  void whatIsThereAsItWasAskedForIsNotLost() {
    run(new Imagined(Example.ACCOUNTS, Example.BALANCE, false));
  }
}
