package dev.dormouse.modulehost;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** How much CPU time a thread has used. */
@FunctionalInterface
public interface CpuClock {
  /**
   * CPU time of a platform thread since it started, in nanoseconds; negative if the thread has
   * ended. Asked by the thread that ticks the {@link CallWatch}.
   */
  long nanos(Thread thread);

  /**
   * The clock of this JVM.
   *
   * @throws IllegalStateException if this JVM does not measure the CPU time of other threads
   */
  static CpuClock ofThisJvm() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    if (!threads.isThreadCpuTimeSupported() || !threads.isThreadCpuTimeEnabled()) {
      throw new IllegalStateException("this JVM does not measure the CPU time of threads");
    }
    return thread -> threads.getThreadCpuTime(thread.threadId());
  }
}
