package dev.dormouse.runtimenode.cores;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The machine's cores, and the threads of this process as the kernel knows them: by number. All
 * answers may be out of date, since threads come and go. Thread safe.
 */
public interface Cores {
  /** Where a thread may run. */
  enum Place {
    /** On all cores that the process may use. */
    ANYWHERE,
    /** On all but the last of them. */
    ALL_BUT_LAST,
    /** On the last where there are two, else anywhere: among more a thread finds an idle one. */
    LAST
  }

  /** Whether threads can be placed here at all; if not, nothing else needs to be called. */
  boolean canPlace();

  /** The kernel's number of the calling thread. */
  int currentThread();

  /**
   * Lets a thread run there from now on, and the threads that it will start.
   *
   * @return whether it did; not if the thread has ended
   */
  boolean place(int thread, Place place);

  /** CPU time that a thread has used, in nanoseconds; empty if it has ended. */
  OptionalLong used(int thread);

  /** All threads of the process. */
  Set<Integer> threads();

  /** The first 15 characters of a thread's name; empty if it has ended. */
  Optional<String> name(int thread);

  /** Those of this process; where the system is not Linux or there is one core, {@link #none}. */
  static Cores ofThisProcess() {
    return LinuxCores.open().orElseGet(Cores::none);
  }

  /** Cores of which nothing is known: threads run wherever the system lets them. */
  static Cores none() {
    return new UnknownCores();
  }
}
