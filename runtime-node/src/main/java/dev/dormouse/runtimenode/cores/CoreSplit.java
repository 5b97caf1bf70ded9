package dev.dormouse.runtimenode.cores;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps a core for those who want little, while others would fill every core.
 *
 * <p>A thread that the kernel gave a core keeps it until the next tick of the kernel's clock (4 ms
 * where that ticks 250 times a second), and a call waits several times for a thread to be woken. So
 * while lanes run that are not busy, <em>patient</em> threads (busy lanes, the JVM's compilers,
 * whatever works in the background) have all cores but the last, and <em>prompt</em> ones (event
 * loops, the log writer, lanes that are not busy) the last. Cores are not split if no such lane
 * runs, if patient threads use little, or if the prompt ones need more than they would get.
 *
 * <p>{@link #tick} is called by one thread; the rest is thread safe. Source: decision 0012.
 */
public final class CoreSplit {
  /** What a thread is, by what waits for it. */
  public enum Kind {
    /** A call waits for it. */
    PROMPT,
    /** It wants much, and nobody waits for its next millisecond. */
    PATIENT,
    /** Neither: what stops everybody, or does next to nothing. */
    OTHER
  }

  private static final List<String> PROMPT = List.of("vert.x-eventloo", "log-writer", "call-watch");

  private static final List<String> PATIENT =
      List.of(
          "C1 Compiler",
          "C2 Compiler",
          "G1 Conc",
          "G1 Refine",
          "G1 Service",
          "compiler",
          "module-logs",
          "publisher",
          "residence-worke",
          "journal-trimmer",
          "retention",
          "upkeep");

  /** Threads that say themselves what they are. */
  private static final String LANE = "lane-";

  private static final int PERCENT = 100;

  private static final class Member {
    private final Kind kind;
    private long used;

    Member(Kind kind) {
      this.kind = kind;
    }
  }

  private final Cores cores;
  private final CoreSplitLimits limits;
  private volatile boolean split;

  // Below: of the thread that ticks.
  private final Map<Integer, Member> members = new HashMap<>();
  private boolean started;
  private long lookedAt;
  private long newcomersAt;
  private long splitUntil;
  private long quietLanes;
  private long busyLanes;

  /** Cores that are not split yet. */
  public CoreSplit(Cores cores, CoreSplitLimits limits) {
    this.cores = cores;
    this.limits = limits;
  }

  /** Cores that are never split. */
  public static CoreSplit never() {
    return new CoreSplit(Cores.none(), CoreSplitLimits.STANDARD);
  }

  /** Whether cores are split now. */
  public boolean isSplit() {
    return split;
  }

  /** Where a thread of this kind belongs now. */
  public Cores.Place placeOf(Kind kind) {
    if (!split) {
      return Cores.Place.ANYWHERE;
    }
    return switch (kind) {
      case PROMPT -> Cores.Place.LAST;
      case PATIENT -> Cores.Place.ALL_BUT_LAST;
      case OTHER -> Cores.Place.ANYWHERE;
    };
  }

  /** The calling thread, which may run anywhere now, wherever the thread that started it may. */
  public int enter() {
    int thread = cores.currentThread();
    cores.place(thread, Cores.Place.ANYWHERE);
    return thread;
  }

  /** Puts a thread somewhere; false if that cannot be. */
  public boolean put(int thread, Cores.Place place) {
    return cores.place(thread, place);
  }

  /**
   * Looks at what was used since the last time, and splits cores or ends that.
   *
   * @param quiet nanoseconds that lanes have run altogether which were not busy
   * @param busy nanoseconds that busy lanes have run altogether
   */
  public void tick(long now, long quiet, long busy) {
    if (!cores.canPlace()) {
      return;
    }
    if (!started || now - newcomersAt >= limits.newcomers().toNanos()) {
      newcomersAt = now;
      lookForNewcomers();
    }
    long quietLately = quiet - quietLanes;
    long prompt = quietLately + usedLately(Kind.PROMPT);
    long patient = busy - busyLanes + usedLately(Kind.PATIENT);
    long lasted = now - lookedAt;
    quietLanes = quiet;
    busyLanes = busy;
    lookedAt = now;
    if (!started) {
      started = true;
      splitUntil = now;
      return;
    }
    if (prompt * PERCENT > lasted * limits.promptPercent()) {
      splitUntil = now;
    } else if (quietLately > 0 && patient * PERCENT >= lasted * limits.patientPercent()) {
      splitUntil = now + limits.hold().toNanos();
    }
    boolean wanted = splitUntil - now > 0;
    if (wanted != split) {
      split = wanted;
      members.forEach((thread, member) -> cores.place(thread, placeOf(member.kind)));
    }
  }

  private void lookForNewcomers() {
    var present = cores.threads();
    members.keySet().retainAll(present);
    for (Integer thread : present) {
      if (!members.containsKey(thread)) {
        cores.name(thread).ifPresent(name -> join(thread, name));
      }
    }
  }

  private void join(Integer thread, String name) {
    if (!name.startsWith(LANE)) {
      Member member = new Member(kindOf(name));
      member.used = cores.used(thread).orElse(0);
      members.put(thread, member);
      cores.place(thread, placeOf(member.kind)); // It began where whoever started it may run.
    }
  }

  private static Kind kindOf(String name) {
    if (PROMPT.stream().anyMatch(name::startsWith)) {
      return Kind.PROMPT;
    }
    return PATIENT.stream().anyMatch(name::startsWith) ? Kind.PATIENT : Kind.OTHER;
  }

  private long usedLately(Kind kind) {
    long[] sum = new long[1];
    members.forEach(
        (thread, member) -> {
          if (member.kind == kind) {
            long used = cores.used(thread).orElse(member.used);
            sum[0] += used - member.used;
            member.used = used;
          }
        });
    return sum[0];
  }
}
