package dev.dormouse.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class LaneTest {
  /** Runs what a lane schedules only when the test says so. */
  private final ArrayDeque<Runnable> scheduled = new ArrayDeque<>();

  private final List<String> events = new ArrayList<>();
  private final List<Request> left = new ArrayList<>();

  private class Recorded implements Lane.Work {
    @Override
    public void beginDrain() {
      events.add("begin");
    }

    @Override
    public void execute(Request request) {
      events.add("execute");
    }

    @Override
    public void endDrain() {
      events.add("end");
    }

    @Override
    public void failed(Throwable cause) {
      events.add("failed " + cause.getMessage());
    }

    @Override
    public void stopped(List<Request> remaining) {
      events.add("stopped with " + remaining.size());
      left.addAll(remaining);
    }
  }

  private static DatabaseLimits limits(int queued, int drain) {
    return limits(queued, DatabaseLimits.DEFAULT.queuedBytes(), drain);
  }

  private static DatabaseLimits limits(int queued, long bytes, int drain) {
    DatabaseLimits d = DatabaseLimits.DEFAULT;
    return new DatabaseLimits(
        queued,
        bytes,
        drain,
        d.argumentBytes(),
        d.callCpu(),
        d.sqlRows(),
        d.sqlResultBytes(),
        d.sqlTime(),
        d.logLineBytes(),
        d.logLinesPerCall());
  }

  private void runAll() {
    for (Runnable next = scheduled.poll(); next != null; next = scheduled.poll()) {
      next.run();
    }
  }

  @Test
  void oneRunExecutesWhatIsQueuedAndEndsTheDrainOnce() {
    Lane lane = new Lane(scheduled::add, limits(10, 10), new Recorded());
    lane.offer(new Look());
    lane.offer(new Look());
    assertEquals(1, scheduled.size());
    runAll();
    assertEquals(List.of("begin", "execute", "execute", "end"), events);
  }

  @Test
  void aLongQueueIsDrainedInTurns() {
    Lane lane = new Lane(scheduled::add, limits(10, 2), new Recorded());
    for (int i = 0; i < 3; i++) {
      lane.offer(new Look());
    }
    runAll();
    assertEquals(List.of("begin", "execute", "execute", "end", "begin", "execute", "end"), events);
  }

  @Test
  void aWakeDuringADrainCausesAnother() {
    Lane[] lane = new Lane[1];
    lane[0] =
        new Lane(
            scheduled::add,
            limits(10, 10),
            new Recorded() {
              private boolean woken;

              @Override
              public void endDrain() {
                super.endDrain();
                if (!woken) {
                  woken = true;
                  lane[0].wake();
                }
              }
            });
    lane[0].wake();
    runAll();
    assertEquals(List.of("begin", "end", "begin", "end"), events);
  }

  @Test
  void aFullQueueRefuses() {
    Lane lane = new Lane(scheduled::add, limits(1, 10), new Recorded());
    assertEquals(Submission.QUEUED, lane.offer(new Look()));
    assertEquals(Submission.FULL, lane.offer(new Look()));
    assertEquals(1, lane.queuedCount());
  }

  @Test
  void whoLeavesIsHeardOfHoweverMuchWaits() {
    Lane lane = new Lane(scheduled::add, limits(1, 10), new Recorded());
    lane.offer(new Look());
    Caller gone = new Caller(Identity.fromClaims("test", "ann"), new ConnectionId(1, 1));
    assertEquals(Submission.QUEUED, lane.offer(new Leave(gone)));
    assertEquals(Submission.FULL, lane.offer(new Look()));
    runAll();
    assertEquals(List.of("begin", "execute", "execute", "end"), events);
    lane.stop();
    assertEquals(Submission.OVER, lane.offer(new Leave(gone)));
  }

  private static Request call(int bytes) {
    return new HttpCall(
        new Visitor(Identity.fromClaims("test", "ann"), new ConnectionId(1, 1), "{}"),
        "f",
        new Arguments.Json(new byte[bytes]),
        new Reply<>() {
          @Override
          public void done(CallResult answer) {}

          @Override
          public void refused(EngineException why) {}
        });
  }

  @Test
  void aQueueOfSoManyBytesRefusesWhatHoldsMore() {
    Lane lane = new Lane(scheduled::add, limits(10, 100, 10), new Recorded());
    assertEquals(Submission.QUEUED, lane.offer(call(60)));
    assertEquals(Submission.FULL, lane.offer(call(41)));
    assertEquals(Submission.QUEUED, lane.offer(call(40)));
    assertEquals(Submission.FULL, lane.offer(call(1)));
    assertEquals(100, lane.queuedBytes());
    assertEquals(Submission.QUEUED, lane.offer(new Look()), "it holds nothing");
    runAll();
    assertEquals(0, lane.queuedBytes());
    assertEquals(0, lane.queuedCount());
    assertEquals(Submission.QUEUED, lane.offer(call(60)));
  }

  @Test
  void aRequestThatIsLargerThanTheLimitMayWaitAlone() {
    Lane lane = new Lane(scheduled::add, limits(10, 100, 10), new Recorded());
    assertEquals(Submission.QUEUED, lane.offer(call(500)));
    assertEquals(Submission.FULL, lane.offer(call(1)));
    runAll();
    assertEquals(Submission.QUEUED, lane.offer(call(1)));
    assertEquals(Submission.FULL, lane.offer(call(500)));
  }

  @Test
  void whatWasAdmittedElsewhereGoesBeyondTheLimitAndIsExecutedFirst() {
    Lane lane = new Lane(scheduled::add, limits(1, 10), new Recorded());
    assertEquals(Submission.QUEUED, lane.admit(new Look()));
    assertEquals(Submission.QUEUED, lane.admit(new Look()));
    assertEquals(Submission.FULL, lane.offer(new Look()));
    assertEquals(2, lane.queuedCount());
    runAll();
    assertEquals(0, lane.queuedCount());
    assertEquals(Submission.QUEUED, lane.offer(new Look()));
    lane.stop();
    assertEquals(Submission.OVER, lane.admit(new Look()));
  }

  @Test
  void aStoppedLaneHandsBackWhatItHolds() {
    Lane lane = new Lane(scheduled::add, limits(10, 10), new Recorded());
    Look request = new Look();
    lane.offer(request);
    lane.stop();
    runAll();
    assertEquals(List.of("stopped with 1"), events);
    assertEquals(List.of(request), left);
    assertEquals(Submission.OVER, lane.offer(new Look()));
  }

  @Test
  void whatEscapesFromTheWorkStopsTheLane() {
    Lane lane =
        new Lane(
            scheduled::add,
            limits(10, 10),
            new Recorded() {
              @Override
              public void execute(Request request) {
                throw new IllegalStateException("broken");
              }
            });
    lane.offer(new Look());
    runAll();
    assertEquals(List.of("begin", "failed broken", "stopped with 0"), events);
    assertEquals(Submission.OVER, lane.offer(new Look()));
  }

  @Test
  void nothingIsLostBetweenManyThreads() throws Exception {
    AtomicInteger executed = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    int threads = 4;
    int each = 20_000;
    CountDownLatch all = new CountDownLatch(threads * each);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    Lane lane =
        new Lane(
            pool,
            limits(threads * each, 64),
            new Recorded() {
              @Override
              public void beginDrain() {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              }

              @Override
              public void execute(Request request) {
                executed.incrementAndGet();
                all.countDown();
              }

              @Override
              public void endDrain() {
                inside.decrementAndGet();
              }
            });
    List<Thread> offering = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  lane.offer(new Look());
                }
              });
      thread.start();
      offering.add(thread);
    }
    for (Thread thread : offering) {
      thread.join();
    }
    assertTrue(all.await(15, TimeUnit.SECONDS), "executed " + executed.get());
    assertEquals(1, most.get(), "drains that ran at the same time");
    pool.shutdown();
  }
}
