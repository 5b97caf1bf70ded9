package dev.dormouse.subscription;

import dev.dormouse.query.TableQuery;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One distinct query with all that hold it, and what the transaction at hand changed in it.
 *
 * @param <S> the subscriber
 * @param <R> the encoded rows of one query
 * @param <U> the encoded change of one query
 */
final class Plan<S, R, U> {
  private record Encoded<R, U>(WireForm<R, U> form, U update, List<TableDelta<U>> alone) {}

  private record Failed<R, U>(WireForm<R, U> form, String error) {}

  /** An encoding is made in arrays that double, and copied in the end. */
  private static final int ENCODING_COPIES = 2;

  private final QueryKey key;
  private final List<Holding<S, R, U>> holdings = new ArrayList<>();
  private final RowRanges inserted = new RowRanges();
  private final RowRanges deleted = new RowRanges();
  private final List<Encoded<R, U>> encoded = new ArrayList<>();
  private final List<Failed<R, U>> failed = new ArrayList<>(0);
  private final ChangeRoom room;
  private TableQuery query;

  /** Why the transaction's change was too much for the room there is; empty if it was not. */
  private String tooMuch = "";

  /**
   * A plan that nobody holds yet.
   *
   * @param room for changes, shared by all plans
   */
  Plan(QueryKey key, TableQuery query, ChangeRoom room) {
    this.key = key;
    this.query = query;
    this.room = room;
  }

  QueryKey key() {
    return key;
  }

  TableQuery query() {
    return query;
  }

  /** Puts a query in place that was compiled against a new schema. */
  void recompiled(TableQuery newQuery) {
    query = newQuery;
  }

  List<Holding<S, R, U>> holdings() {
    return holdings;
  }

  void hold(Holding<S, R, U> holding) {
    holding.positionInPlan = holdings.size();
    holdings.add(holding);
  }

  /** Takes one out; the last one moves into its place. */
  void release(Holding<S, R, U> holding) {
    Holding<S, R, U> last = holdings.removeLast();
    if (last != holding) {
      holdings.set(holding.positionInPlan, last);
      last.positionInPlan = holding.positionInPlan;
    }
  }

  boolean isUnchanged() {
    return inserted.count() == 0 && deleted.count() == 0;
  }

  /** Takes a changed row if it matches; whether it is this transaction's first. */
  boolean take(byte[] bytes, int offset, int length, boolean isInsert) {
    if (!query.predicate().test(bytes, offset)) {
      return false;
    }
    boolean first = isUnchanged();
    RowRanges rows = isInsert ? inserted : deleted;
    long growth = rows.growth();
    if (growth > 0 && !admits(growth)) {
      return false;
    }
    rows.add(bytes, offset, length);
    return first;
  }

  private boolean admits(long more) {
    if (tooMuch.isEmpty()) {
      tooMuch = room.take(more).orElse("");
    }
    return tooMuch.isEmpty();
  }

  /** Encodes the change in one form, once; what is wrong if that cannot be done. */
  Optional<String> encode(WireForm<R, U> form) {
    for (Encoded<R, U> known : encoded) {
      if (known.form.equals(form)) {
        return Optional.empty();
      }
    }
    for (Failed<R, U> known : failed) {
      if (known.form.equals(form)) {
        return Optional.of(known.error);
      }
    }
    if (!admits(ENCODING_COPIES * (inserted.bytes() + deleted.bytes()))) {
      return Optional.of(tooMuch);
    }
    try {
      U update = form.update(query.table(), inserted, deleted);
      encoded.add(
          new Encoded<>(form, update, List.of(new TableDelta<>(query.table(), List.of(update)))));
      return Optional.empty();
    } catch (EngineException e) {
      failed.add(new Failed<>(form, e.text()));
      return Optional.of(e.text());
    }
  }

  /** The change in a form in which it was encoded. */
  U update(WireForm<R, U> form) {
    return encoded(form).update;
  }

  /** The change in a form in which it was encoded, as the only change of a query set. */
  List<TableDelta<U>> alone(WireForm<R, U> form) {
    return encoded(form).alone;
  }

  private Encoded<R, U> encoded(WireForm<R, U> form) {
    for (Encoded<R, U> known : encoded) {
      if (known.form.equals(form)) {
        return known;
      }
    }
    throw new IllegalStateException("the change of " + key + " was not encoded");
  }

  /** Forgets the transaction's change. */
  void clear() {
    inserted.clear();
    deleted.clear();
    encoded.clear();
    failed.clear();
    tooMuch = "";
  }
}
