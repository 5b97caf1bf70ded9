package dev.dormouse.runtimenode.cores;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Cores that cannot be told apart. */
record UnknownCores() implements Cores {
  @Override
  public boolean canPlace() {
    return false;
  }

  @Override
  public int currentThread() {
    return 0;
  }

  @Override
  public boolean place(int thread, Place place) {
    return false;
  }

  @Override
  public OptionalLong used(int thread) {
    return OptionalLong.empty();
  }

  @Override
  public Set<Integer> threads() {
    return Set.of();
  }

  @Override
  public Optional<String> name(int thread) {
    return Optional.empty();
  }
}
