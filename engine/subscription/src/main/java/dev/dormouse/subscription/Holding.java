package dev.dormouse.subscription;

/** One query of one query set. */
final class Holding<S, R, U> implements Comparable<Holding<S, R, U>> {
  private final QuerySet<S, R, U> set;
  private final Plan<S, R, U> plan;
  private final int ordinal;

  /** Where the plan has it; kept by the plan. */
  int positionInPlan;

  /**
   * A query of a set.
   *
   * @param ordinal its place among the queries of the set
   */
  Holding(QuerySet<S, R, U> set, Plan<S, R, U> plan, int ordinal) {
    this.set = set;
    this.plan = plan;
    this.ordinal = ordinal;
  }

  QuerySet<S, R, U> set() {
    return set;
  }

  Plan<S, R, U> plan() {
    return plan;
  }

  String tableName() {
    return plan.query().table().name();
  }

  /** The order of an update message: by table name, then as in the set. */
  @Override
  public int compareTo(Holding<S, R, U> other) {
    int order = tableName().compareTo(other.tableName());
    return order == 0 ? Integer.compare(ordinal, other.ordinal) : order;
  }
}
