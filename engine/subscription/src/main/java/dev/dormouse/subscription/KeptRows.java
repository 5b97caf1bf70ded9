package dev.dormouse.subscription;

import dev.dormouse.query.Rows;
import dev.dormouse.sats.MemoryAccount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The encoded rows of plans that have not changed since: who subscribes to what others hold costs
 * neither an evaluation nor an encoding. Bounded in bytes; what was asked for longest ago goes
 * first. Used on the lane.
 */
final class KeptRows<S, R, U> {
  /** What an entry costs besides its rows, and a row besides its bytes, about. */
  private static final int ENTRY_BYTES = 128;

  private static final int ROW_BYTES = 8;

  /**
   * The rows of one plan in one form.
   *
   * @param bytes of the rows before they were encoded
   * @param cost what counts towards the limit
   */
  record Kept<R, U>(WireForm<R, U> form, R rows, long bytes, long cost) {}

  private final long bytesMax;
  private final MemoryAccount memory;

  /** Plans are the same if they are one object. */
  private final LinkedHashMap<Plan<S, R, U>, List<Kept<R, U>>> byPlan =
      new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * Nothing yet.
   *
   * @param bytesMax bytes of all rows, with about what holding them costs
   * @param memory covers them; what the node has no memory for is not kept
   */
  KeptRows(long bytesMax, MemoryAccount memory) {
    this.bytesMax = bytesMax;
    this.memory = memory;
  }

  /** The rows of a plan in a form, if they are here. */
  Optional<Kept<R, U>> find(Plan<S, R, U> plan, WireForm<R, U> form) {
    List<Kept<R, U>> forms = byPlan.get(plan);
    if (forms != null) {
      for (Kept<R, U> kept : forms) {
        if (kept.form.equals(form)) {
          return Optional.of(kept);
        }
      }
    }
    return Optional.empty();
  }

  /** Keeps rows that are not here, unless they alone are too many, or the node has no room. */
  void keep(Plan<S, R, U> plan, WireForm<R, U> form, R encoded, Rows rows) {
    long cost = ENTRY_BYTES + rows.bytes() + (long) ROW_BYTES * rows.count();
    if (cost > bytesMax) {
      return;
    }
    while (bytes + cost > bytesMax) {
      forget(byPlan.firstEntry().getKey());
    }
    if (!memory.tryCover(bytes + cost)) {
      return;
    }
    byPlan
        .computeIfAbsent(plan, key -> new ArrayList<>(1))
        .add(new Kept<>(form, encoded, rows.bytes(), cost));
    bytes += cost;
  }

  /** The rows of a plan have changed, or nobody holds it any more. */
  void forget(Plan<S, R, U> plan) {
    List<Kept<R, U>> gone = byPlan.remove(plan);
    if (gone != null) {
      for (Kept<R, U> kept : gone) {
        bytes -= kept.cost;
      }
      memory.settle(bytes);
    }
  }

  /** Any plan may have changed. */
  void clear() {
    byPlan.clear();
    bytes = 0;
    memory.settle(0);
  }

  /** What all that is here costs, in bytes. */
  long bytes() {
    return bytes;
  }
}
