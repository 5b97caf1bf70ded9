package dev.dormouse.subscription;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One query set of one subscriber. */
final class QuerySet<S, R, U> {
  private final Subscriber<S, R, U> subscriber;
  private final QuerySetId id;
  private final List<Holding<S, R, U>> holdings = new ArrayList<>();
  private final List<Holding<S, R, U>> changed = new ArrayList<>();

  QuerySet(Subscriber<S, R, U> subscriber, QuerySetId id, List<Plan<S, R, U>> plans) {
    this.subscriber = subscriber;
    this.id = id;
    for (Plan<S, R, U> plan : plans) {
      holdings.add(new Holding<>(this, plan, holdings.size()));
    }
  }

  Subscriber<S, R, U> subscriber() {
    return subscriber;
  }

  QuerySetId id() {
    return id;
  }

  List<Holding<S, R, U>> holdings() {
    return holdings;
  }

  /** Notes that the transaction at hand changed a query; whether it is the first of the set. */
  boolean noteChange(Holding<S, R, U> holding) {
    changed.add(holding);
    return changed.size() == 1;
  }

  /** What was noted, as a message has it, and forgets it. */
  SetDelta<U> takeDelta() {
    WireForm<R, U> form = subscriber.form();
    List<TableDelta<U>> tables = new ArrayList<>();
    if (changed.size() == 1) {
      tables = changed.getFirst().plan().alone(form);
    } else {
      Collections.sort(changed);
      int from = 0;
      while (from < changed.size()) {
        String table = changed.get(from).tableName();
        List<U> updates = new ArrayList<>();
        int to = from;
        while (to < changed.size() && changed.get(to).tableName().equals(table)) {
          updates.add(changed.get(to).plan().update(form));
          to++;
        }
        tables.add(new TableDelta<>(changed.get(from).plan().query().table(), updates));
        from = to;
      }
    }
    changed.clear();
    return new SetDelta<>(id, tables);
  }

  /** Forgets what was noted. */
  void forgetChanges() {
    changed.clear();
  }
}
