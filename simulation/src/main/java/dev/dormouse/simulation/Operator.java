package dev.dormouse.simulation;

import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * Starts the node, again after each of its deaths. Where a journal has failed, it mends the disk,
 * so that the process may go on, or ends the process.
 */
final class Operator {
  private static final long LOOKS_NANOS = 50_000_000;
  private static final long DELAY_NANOS_MAX = 3_000_000_000L;

  private final World world;
  private final RandomGenerator random;
  private long session;

  Operator(World world, RandomGenerator random) {
    this.world = world;
    this.random = random;
  }

  /** The operator's task. */
  void run() {
    while (true) {
      Node node = world.node().orElse(null);
      if (node == null) {
        start();
      } else if (node.journal().failure().isPresent()) {
        world.scheduler().sleep(random.nextLong(DELAY_NANOS_MAX));
        if (!node.process().isAlive()) {
          continue;
        }
        if (random.nextBoolean()) {
          world.trace().line("disk repaired");
          world.disk().repair(!world.isCalm());
        } else if (node.journal().failure().isPresent()) {
          world.fate().crash(node.process(), "failed journal");
        }
      } else {
        world.scheduler().sleep(LOOKS_NANOS);
      }
    }
  }

  private void start() {
    session++;
    Scheduler.Process process = world.scheduler().process("node " + session);
    boolean[] over = new boolean[1];
    process.whenDead(() -> over[0] = true);
    long number = session;
    process.start(
        TaskKind.MAIN,
        () -> {
          try {
            Node node = Node.boot(world, process, number);
            world.started(node);
            over[0] = true;
          } catch (IOException e) {
            world.trace().line("start failed: " + e.getMessage());
            if (world.fate().faults() == 0 || world.isCalm()) {
              world.fate().violated("the node does not start: " + e);
            }
            process.kill();
          }
        });
    while (!over[0]) {
      world.scheduler().sleep(LOOKS_NANOS);
    }
    if (!process.isAlive()) {
      world.scheduler().sleep(random.nextLong(DELAY_NANOS_MAX));
    }
  }
}
