package dev.dormouse.subscription;

import dev.dormouse.datastore.IndexSchema;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.TableQuery;
import dev.dormouse.query.TableQuery.Equality;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.RowShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plans that read one table, those that demand {@code column = constant} by the constant: a
 * changed row looks up its own value and meets only the plans that may match.
 */
final class TableWatch<S, R, U> {
  private record ByValue<S, R, U>(int column, Map<ValueKey, List<Plan<S, R, U>>> plans) {}

  private final List<Plan<S, R, U>> always = new ArrayList<>();
  private final List<ByValue<S, R, U>> columns = new ArrayList<>();
  private final ValueKey probe = new ValueKey(new byte[0]);

  boolean isEmpty() {
    return always.isEmpty() && columns.isEmpty();
  }

  void add(Plan<S, R, U> plan) {
    Optional<Equality> equality = selective(plan.query());
    if (equality.isEmpty()) {
      always.add(plan);
      return;
    }
    byValue(equality.get().column())
        .plans()
        .computeIfAbsent(
            new ValueKey(equality.get().value().toByteArray()), key -> new ArrayList<>(1))
        .add(plan);
  }

  private ByValue<S, R, U> byValue(int column) {
    for (ByValue<S, R, U> known : columns) {
      if (known.column == column) {
        return known;
      }
    }
    ByValue<S, R, U> added = new ByValue<>(column, new HashMap<>());
    columns.add(added);
    return added;
  }

  void remove(Plan<S, R, U> plan) {
    Optional<Equality> equality = selective(plan.query());
    if (equality.isEmpty()) {
      always.remove(plan);
      return;
    }
    ByValue<S, R, U> byValue = byValue(equality.get().column());
    ValueKey key = new ValueKey(equality.get().value().toByteArray());
    List<Plan<S, R, U>> plans = byValue.plans.getOrDefault(key, List.of());
    plans.remove(plan);
    if (plans.isEmpty()) {
      byValue.plans.remove(key);
    }
    if (byValue.plans.isEmpty()) {
      columns.removeIf(known -> known.column == byValue.column);
    }
  }

  /**
   * The equality to look a plan up by: on a unique column, else on an indexed one, else on one with
   * more than two values.
   */
  private static Optional<Equality> selective(TableQuery query) {
    Optional<Equality> best = Optional.empty();
    int bestRank = -1;
    for (Equality equality : query.equalities()) {
      int rank = rank(query.table(), equality.column());
      if (rank > bestRank) {
        best = Optional.of(equality);
        bestRank = rank;
      }
    }
    return best;
  }

  private static int rank(TableSchema table, int column) {
    int rank = table.columns().get(column).type() == Primitive.BOOL ? 0 : 1;
    for (IndexSchema index : table.indexes()) {
      if (index.columns().equals(List.of(column))) {
        rank = Math.max(rank, index.unique() ? 3 : 2);
      }
    }
    return rank;
  }

  /**
   * Lets every plan that matches a changed row take it; those newly changed go into a list.
   *
   * @return how many plans looked at the row
   */
  int match(
      RowShape shape,
      byte[] bytes,
      int offset,
      int length,
      boolean isInsert,
      List<Plan<S, R, U>> changed) {
    offer(always, bytes, offset, length, isInsert, changed);
    int asked = always.size();
    for (ByValue<S, R, U> byValue : columns) {
      int from = shape.columnOffset(bytes, offset, byValue.column);
      probe.set(bytes, from, shape.columnEnd(bytes, from, byValue.column) - from);
      List<Plan<S, R, U>> plans = byValue.plans.get(probe);
      if (plans != null) {
        offer(plans, bytes, offset, length, isInsert, changed);
        asked += plans.size();
      }
    }
    return asked;
  }

  private static <S, R, U> void offer(
      List<Plan<S, R, U>> plans,
      byte[] bytes,
      int offset,
      int length,
      boolean isInsert,
      List<Plan<S, R, U>> changed) {
    for (Plan<S, R, U> plan : plans) {
      if (plan.take(bytes, offset, length, isInsert)) {
        changed.add(plan);
      }
    }
  }
}
