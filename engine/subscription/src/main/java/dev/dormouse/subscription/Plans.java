package dev.dormouse.subscription;

import dev.dormouse.query.Caller;
import dev.dormouse.query.TableQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The plans that query sets hold, by what identifies them and by the table they read. */
final class Plans<S, R, U> {
  private final Map<QueryKey, Plan<S, R, U>> byKey = new LinkedHashMap<>();
  private final Map<Integer, TableWatch<S, R, U>> byTable = new HashMap<>();
  private final KeptRows<S, R, U> kept;
  private final HeldMemory memory;

  /** No plans; what they return is kept there, and what they take is covered. */
  Plans(KeptRows<S, R, U> kept, HeldMemory memory) {
    this.kept = kept;
    this.memory = memory;
  }

  int count() {
    return byKey.size();
  }

  /** The plan of a text, if it is held and the caller may use it. */
  Optional<Plan<S, R, U>> find(String text, Caller caller) {
    Plan<S, R, U> plan = byKey.get(QueryKey.shared(text));
    if (plan == null) {
      plan = byKey.get(QueryKey.of(text, caller.identity()));
    }
    return Optional.ofNullable(plan).filter(found -> mayRead(caller, found.query()));
  }

  /** Plans are shared between owners and others, who do not see the same. */
  static boolean mayRead(Caller caller, TableQuery query) {
    return caller.owner() || query.isForEverybody();
  }

  /**
   * Lets a set hold its plans; those that are new are watched from now on.
   *
   * @throws dev.dormouse.sats.EngineException if the node has no memory for it; nothing is held
   *     then
   */
  void hold(QuerySet<S, R, U> set) {
    long bytes = HeldMemory.ofSet(set.holdings().size());
    for (Holding<S, R, U> holding : set.holdings()) {
      if (holding.plan().holdings().isEmpty()) {
        bytes += HeldMemory.ofPlan(holding.plan().key());
      }
    }
    memory.take(bytes);
    for (Holding<S, R, U> holding : set.holdings()) {
      Plan<S, R, U> plan = holding.plan();
      if (plan.holdings().isEmpty()) {
        byKey.put(plan.key(), plan);
        watch(plan);
      }
      plan.hold(holding);
    }
  }

  private void watch(Plan<S, R, U> plan) {
    byTable.computeIfAbsent(plan.query().table().id(), table -> new TableWatch<>()).add(plan);
  }

  /** Lets a set go; plans that nobody else holds are forgotten. */
  void release(QuerySet<S, R, U> set) {
    long bytes = HeldMemory.ofSet(set.holdings().size());
    for (Holding<S, R, U> holding : set.holdings()) {
      Plan<S, R, U> plan = holding.plan();
      plan.release(holding);
      if (plan.holdings().isEmpty()) {
        bytes += HeldMemory.ofPlan(plan.key());
        byKey.remove(plan.key());
        kept.forget(plan);
        int table = plan.query().table().id();
        TableWatch<S, R, U> watch = byTable.get(table);
        if (watch != null) {
          watch.remove(plan);
          if (watch.isEmpty()) {
            byTable.remove(table);
          }
        }
      }
    }
    memory.give(bytes);
  }

  /** The plans that read a table. */
  Optional<TableWatch<S, R, U>> watching(int table) {
    return Optional.ofNullable(byTable.get(table));
  }

  /** All plans, the oldest first. */
  List<Plan<S, R, U>> all() {
    return new ArrayList<>(byKey.values());
  }

  /** Watches tables anew, after plans were compiled against a new schema. */
  void rewatch() {
    byTable.clear();
    byKey.values().forEach(this::watch);
  }
}
