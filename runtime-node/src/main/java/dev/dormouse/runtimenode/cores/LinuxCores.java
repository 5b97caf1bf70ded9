package dev.dormouse.runtimenode.cores;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * Cores by the C library's {@code sched_setaffinity}, which needs no privileges for one's own
 * threads. Source: man pages sched_setaffinity(2), gettid(2), clock_gettime(2), proc(5).
 */
final class LinuxCores implements Cores {
  private static final Logger LOG = Logger.getLogger(LinuxCores.class);

  /** Bytes of a set of cores: for 1,024, as the C library has it. */
  private static final int SET_BYTES = 128;

  private static final Path TASKS = Path.of("/proc/self/task");

  /** The clock of a thread's CPU time is its number, inverted, above these bits. */
  private static final int THREAD_CLOCK = 0b110;

  private static final int THREAD_CLOCK_SHIFT = 3;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final MethodHandle setAffinity;
  private final MethodHandle threadNumber;
  private final MethodHandle clock;
  private final Map<Place, MemorySegment> places = new EnumMap<>(Place.class);

  /** Seconds and nanoseconds; guarded by this. */
  private final MemorySegment time = Arena.ofAuto().allocate(2 * Long.BYTES, Long.BYTES);

  @SuppressWarnings("restricted") // Signatures as in the man pages; a wrong one would end the JVM.
  private LinuxCores(Linker linker, SymbolLookup library) {
    this.setAffinity = affinity(linker, library, "sched_setaffinity");
    this.threadNumber =
        linker.downcallHandle(
            library.find("gettid").orElseThrow(), FunctionDescriptor.of(ValueLayout.JAVA_INT));
    this.clock =
        linker.downcallHandle(
            library.find("clock_gettime").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
  }

  @SuppressWarnings("restricted") // Signatures as in the man pages; a wrong one would end the JVM.
  private static MethodHandle affinity(Linker linker, SymbolLookup library, String name) {
    return linker.downcallHandle(
        library.find(name).orElseThrow(),
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS));
  }

  /** Empty if there is nothing to place threads on, or no way to. */
  static Optional<Cores> open() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return Optional.empty();
    }
    try {
      Linker linker = Linker.nativeLinker();
      SymbolLookup library = linker.defaultLookup();
      BitSet allowed = allowed(affinity(linker, library, "sched_getaffinity"));
      // Fewer than allowed is a share of the time of all of them: no core is short then.
      if (allowed.cardinality() < 2
          || Runtime.getRuntime().availableProcessors() < allowed.cardinality()) {
        return Optional.empty();
      }
      LinuxCores cores = new LinuxCores(linker, library);
      cores.divide(allowed);
      if (!cores.place(cores.currentThread(), Place.ANYWHERE)) {
        LOG.info("threads are not placed on cores here: the kernel refuses to");
        return Optional.empty();
      }
      return Optional.of(cores);
    } catch (UnsupportedOperationException | NoSuchElementException e) {
      LOG.info("threads are not placed on cores here: " + e);
      return Optional.empty();
    }
  }

  private static BitSet allowed(MethodHandle getAffinity) {
    MemorySegment set = Arena.ofAuto().allocate(SET_BYTES, Long.BYTES);
    int failed;
    try {
      failed = (int) getAffinity.invokeExact(0, (long) SET_BYTES, set);
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getaffinity", e);
    }
    return failed == 0
        ? BitSet.valueOf(set.toArray(ValueLayout.JAVA_LONG))
        : new BitSet(); // More cores than the set has room for.
  }

  private void divide(BitSet allowed) {
    BitSet last = new BitSet();
    last.set(allowed.length() - 1);
    BitSet others = (BitSet) allowed.clone();
    others.andNot(last);
    places.put(Place.ANYWHERE, segment(allowed));
    places.put(Place.ALL_BUT_LAST, segment(others));
    places.put(Place.LAST, segment(allowed.cardinality() == 2 ? last : allowed));
  }

  private static MemorySegment segment(BitSet cores) {
    MemorySegment set = Arena.ofAuto().allocate(SET_BYTES, Long.BYTES);
    MemorySegment.copy(MemorySegment.ofArray(cores.toLongArray()), 0, set, 0, bytes(cores));
    return set;
  }

  private static long bytes(BitSet cores) {
    return (long) cores.toLongArray().length * Long.BYTES;
  }

  @Override
  public boolean canPlace() {
    return true;
  }

  @Override
  public int currentThread() {
    try {
      return (int) threadNumber.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("gettid", e);
    }
  }

  @Override
  public boolean place(int thread, Place place) {
    MemorySegment set = Objects.requireNonNull(places.get(place));
    try {
      return (int) setAffinity.invokeExact(thread, (long) SET_BYTES, set) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setaffinity", e);
    }
  }

  @Override
  public synchronized OptionalLong used(int thread) {
    int failed;
    try {
      failed = (int) clock.invokeExact((~thread << THREAD_CLOCK_SHIFT) | THREAD_CLOCK, time);
    } catch (Throwable e) {
      throw new IllegalStateException("clock_gettime", e);
    }
    return failed == 0
        ? OptionalLong.of(
            time.get(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND
                + time.get(ValueLayout.JAVA_LONG, Long.BYTES))
        : OptionalLong.empty();
  }

  @Override
  public Set<Integer> threads() {
    Set<Integer> threads = new TreeSet<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        threads.add(Integer.valueOf(String.valueOf(task.getFileName())));
      }
    } catch (IOException e) {
      LOG.debugf(e, "cannot look at %s", TASKS);
      return Set.of();
    }
    return threads;
  }

  @Override
  public Optional<String> name(int thread) {
    try {
      return Optional.of(Files.readString(TASKS.resolve(thread + "/comm")).strip());
    } catch (IOException ended) {
      return Optional.empty();
    }
  }
}
