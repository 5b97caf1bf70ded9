package dev.dormouse.query;

import dev.dormouse.datastore.IndexRange;
import dev.dormouse.datastore.IndexSchema;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.AccessPath.Bound;
import dev.dormouse.query.AccessPath.EveryRow;
import dev.dormouse.query.AccessPath.IndexInterval;
import dev.dormouse.query.AccessPath.IndexPoint;
import dev.dormouse.query.TypedCondition.WithConstant;
import dev.dormouse.sats.BsatnWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Chooses an access path. The whole predicate is tested on every row found, so a path needs to find
 * all rows that match and no more than that.
 */
final class Planner {
  private final List<WithConstant> conjuncts;

  private Planner(List<WithConstant> conjuncts) {
    this.conjuncts = conjuncts;
  }

  /** Comparisons with constants that every matching row fulfils. */
  static List<WithConstant> conjuncts(TypedCondition condition) {
    List<WithConstant> found = new ArrayList<>();
    if (condition instanceof WithConstant single) {
      found.add(single);
    } else if (condition instanceof TypedCondition.All all) {
      for (TypedCondition part : all.parts()) {
        if (part instanceof WithConstant comparison) {
          found.add(comparison);
        }
      }
    }
    return found;
  }

  /**
   * The best path: a point of a unique index, then the point of most columns, then the interval
   * with the most columns fixed, then all rows. Of equals the index made first.
   */
  static AccessPath choose(TableSchema table, TypedCondition condition) {
    Planner planner = new Planner(conjuncts(condition));
    AccessPath best = new EveryRow(table.id());
    int bestRank = 0;
    for (IndexSchema index : table.indexes()) {
      Optional<AccessPath> path = planner.path(index);
      if (path.isPresent() && rank(path.get(), index) > bestRank) {
        best = path.get();
        bestRank = rank(path.get(), index);
      }
    }
    return best;
  }

  private static int rank(AccessPath path, IndexSchema index) {
    int columns = index.columns().size();
    return switch (path) {
      case EveryRow ignored -> 0;
      case IndexInterval interval -> {
        int bounds = interval.start().isOpen() ? 0 : 1;
        bounds += interval.end().isOpen() ? 0 : 1;
        yield 1 + 3 * interval.prefixElements() + bounds;
      }
      case IndexPoint point -> (point.unique() ? 20_000 : 10_000) + columns;
    };
  }

  private Optional<AccessPath> path(IndexSchema index) {
    BsatnWriter key = new BsatnWriter();
    int fixed = 0;
    for (int column : index.columns()) {
      Optional<Constant> value = constant(column, Operator.EQ);
      if (value.isEmpty()) {
        break;
      }
      key.writeRaw(value.get().bytes());
      fixed++;
    }
    if (fixed == index.columns().size()) {
      return Optional.of(new IndexPoint(index.id(), index.unique(), key.toByteArray()));
    }
    if (!index.isOrdered()) {
      return Optional.empty();
    }
    int next = index.columns().get(fixed);
    Bound start = bound(next, Operator.GT, Operator.GE);
    Bound end = bound(next, Operator.LT, Operator.LE);
    if (fixed == 0 && start.isOpen() && end.isOpen()) {
      return Optional.empty();
    }
    return Optional.of(new IndexInterval(index.id(), fixed, key.toByteArray(), start, end));
  }

  private Optional<Constant> constant(int column, Operator operator) {
    for (WithConstant conjunct : conjuncts) {
      if (conjunct.column() == column && conjunct.operator() == operator) {
        return Optional.of(conjunct.constant());
      }
    }
    return Optional.empty();
  }

  private Bound bound(int column, Operator excluding, Operator including) {
    Optional<Constant> value = constant(column, excluding);
    if (value.isPresent()) {
      return new Bound(IndexRange.EXCLUDED, value.get().bytes());
    }
    return constant(column, including)
        .map(included -> new Bound(IndexRange.INCLUDED, included.bytes()))
        .orElse(Bound.NONE);
  }
}
