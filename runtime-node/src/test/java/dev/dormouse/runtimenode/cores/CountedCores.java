package dev.dormouse.runtimenode.cores;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Two cores and threads that exist in a test only; those that ask have numbers from 1,000. */
public final class CountedCores implements Cores {
  private final Map<Integer, String> names = new TreeMap<>();
  private final Map<Integer, Long> used = new TreeMap<>();
  private final Map<Integer, Place> places = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger(1_000);
  private final Map<Thread, Integer> own = new ConcurrentHashMap<>();

  void begin(int thread, String name) {
    names.put(thread, name);
    used.put(thread, 0L);
  }

  void end(int thread) {
    names.remove(thread);
    used.remove(thread);
    places.remove(thread);
  }

  void run(int thread, long nanos) {
    used.merge(thread, nanos, Long::sum);
  }

  /** Where a thread was put; empty if it was put nowhere. */
  Optional<Place> placeOf(int thread) {
    return Optional.ofNullable(places.get(thread));
  }

  /** How many threads of all that asked were put there last. */
  public long countIn(Place place) {
    return places.values().stream().filter(place::equals).count();
  }

  @Override
  public boolean canPlace() {
    return true;
  }

  @Override
  public int currentThread() {
    return own.computeIfAbsent(Thread.currentThread(), self -> next.getAndIncrement());
  }

  @Override
  public boolean place(int thread, Place place) {
    places.put(thread, place);
    return true;
  }

  @Override
  public OptionalLong used(int thread) {
    Long nanos = used.get(thread);
    return nanos == null ? OptionalLong.empty() : OptionalLong.of(nanos);
  }

  @Override
  public Set<Integer> threads() {
    return new TreeSet<>(names.keySet());
  }

  @Override
  public Optional<String> name(int thread) {
    return Optional.ofNullable(names.get(thread));
  }
}
