package dev.dormouse.subscription;

import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.TableChanges;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.datastore.TxChanges;
import dev.dormouse.query.Budget;
import dev.dormouse.query.Caller;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.query.RowLimit;
import dev.dormouse.query.Rows;
import dev.dormouse.query.TableQuery;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.RowShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The query sets of all subscribers of one database.
 *
 * <p>Equal queries are one plan: compiled once, evaluated once per transaction and encoded once per
 * wire form, however many subscribers hold it; so are the rows that they begin with, until they
 * change. Used by the lane alone. Source: spec client-protocol §12, spec sql-and-subscriptions §12
 * to §15.
 *
 * @param <S> what names a subscriber to the edge; a key of maps
 * @param <R> the encoded rows of one query
 * @param <U> the encoded change of one query
 */
public final class SubscriptionRegistry<S, R, U> implements AutoCloseable {
  private final QueryCompiler compiler;
  private final SubscriptionLimits limits;
  private final LongSupplier nanos;
  private final Map<S, Subscriber<S, R, U>> subscribers = new LinkedHashMap<>();
  private final MemoryAccount memory;
  private final KeptRows<S, R, U> kept;
  private final Plans<S, R, U> plans;
  private final ChangeRoom room;
  private final HeldMemory held;

  /**
   * A registry without subscribers.
   *
   * @param nanos a monotonic clock, in nanoseconds, for the time that requests take
   * @param memory of which query sets, the rows that are kept and changes take their share
   */
  public SubscriptionRegistry(
      QueryCompiler compiler, SubscriptionLimits limits, LongSupplier nanos, MemoryBudget memory) {
    this.compiler = compiler;
    this.limits = limits;
    this.nanos = nanos;
    this.memory = memory.open();
    this.kept = new KeptRows<>(limits.keptRowsBytesMax(), this.memory);
    this.held = new HeldMemory(memory.open());
    this.plans = new Plans<>(kept, held);
    this.room = new ChangeRoom(limits.changeBytesMax(), memory.open());
  }

  /** A registry of a node whose memory is bounded elsewhere. */
  public SubscriptionRegistry(
      QueryCompiler compiler, SubscriptionLimits limits, LongSupplier nanos) {
    this(compiler, limits, nanos, MemoryBudget.unlimited());
  }

  /** Gives its memory back to the node; it is not used any more. */
  @Override
  public void close() {
    kept.clear();
    memory.close();
    held.close();
    room.close();
  }

  /** Makes a subscriber known, with the permissions that it keeps. */
  public void connect(S subscriber, Caller caller, WireForm<R, U> form) {
    if (subscribers.putIfAbsent(subscriber, new Subscriber<>(subscriber, caller, form)) != null) {
      throw new IllegalStateException("subscriber " + subscriber + " is known already");
    }
  }

  /** Forgets a subscriber and all that it holds; of an unknown one there is nothing to forget. */
  public void disconnect(S subscriber) {
    Subscriber<S, R, U> gone = subscribers.remove(subscriber);
    if (gone != null) {
      gone.sets().values().forEach(plans::release);
    }
  }

  /** How many subscribers are known. */
  public int subscriberCount() {
    return subscribers.size();
  }

  /** How many distinct queries are held. */
  public int planCount() {
    return plans.count();
  }

  /** The ids of a subscriber's sets, ascending. */
  public List<QuerySetId> sets(S subscriber) {
    return List.copyOf(known(subscriber).sets().keySet());
  }

  private Subscriber<S, R, U> known(S subscriber) {
    Subscriber<S, R, U> found = subscribers.get(subscriber);
    if (found == null) {
      throw new IllegalStateException("subscriber " + subscriber + " is not known");
    }
    return found;
  }

  /**
   * What one request may use, whatever number of sets it is about; its time runs from now on.
   *
   * @param rows covers the rows that it returns; to be closed when they are on their way
   */
  public Budget budget(MemoryAccount rows) {
    return limits.budget(nanos, rows);
  }

  /**
   * Registers a query set and returns its rows as of the view; both or neither.
   *
   * @param view the committed state; the next changes evaluated must be those that follow it
   * @param budget of the request
   */
  public SubscribeOutcome<R> subscribe(
      S subscriber, QuerySetId id, List<String> queries, ReadView view, Budget budget) {
    return register(subscriber, id, queries, view, Optional.of(budget));
  }

  /** As above, of a node whose memory is bounded elsewhere. */
  public SubscribeOutcome<R> subscribe(
      S subscriber, QuerySetId id, List<String> queries, ReadView view) {
    return subscribe(subscriber, id, queries, view, budget(MemoryBudget.unlimited().open()));
  }

  /**
   * Registers a query set whose rows the subscriber has: nothing is evaluated, and none are
   * returned.
   *
   * @param view the committed state, which must be the one that the subscriber was last told of
   */
  public SubscribeOutcome<R> resume(
      S subscriber, QuerySetId id, List<String> queries, ReadView view) {
    return register(subscriber, id, queries, view, Optional.empty());
  }

  private SubscribeOutcome<R> register(
      S subscriber, QuerySetId id, List<String> queries, ReadView view, Optional<Budget> withRows) {
    Subscriber<S, R, U> owner = known(subscriber);
    if (owner.sets().containsKey(id)) {
      return new SubscribeOutcome.Refused<>("query set " + id + " is in use on this connection");
    }
    if (owner.sets().size() >= limits.setsPerSubscriberMax()) {
      return new SubscribeOutcome.Refused<>(
          "connection has %d query sets, limit %d"
              .formatted(owner.sets().size(), limits.setsPerSubscriberMax()));
    }
    try {
      List<Plan<S, R, U>> wanted = wanted(owner.caller(), queries, view);
      QuerySet<S, R, U> set = new QuerySet<>(owner, id, wanted);
      plans.hold(set); // Before there are rows, since those of plans that are held are kept.
      try {
        List<R> rows =
            withRows.map(budget -> rows(wanted, owner.form(), view, budget)).orElse(List.of());
        owner.sets().put(id, set);
        return new SubscribeOutcome.Applied<>(rows);
      } catch (EngineException e) {
        plans.release(set);
        throw e;
      }
    } catch (EngineException e) {
      return new SubscribeOutcome.Refused<>(e.text());
    }
  }

  /**
   * Takes a query set away.
   *
   * @param withRows whether to return the rows its queries have, as of the view
   * @param budget of the request
   */
  public UnsubscribeOutcome<R> unsubscribe(
      S subscriber, QuerySetId id, boolean withRows, ReadView view, Budget budget) {
    Subscriber<S, R, U> owner = known(subscriber);
    QuerySet<S, R, U> set = owner.sets().remove(id);
    if (set == null) {
      return new UnsubscribeOutcome.Refused<>(
          "query set " + id + " is not subscribed on this connection");
    }
    try {
      if (!withRows) {
        return new UnsubscribeOutcome.Applied<>(List.of());
      }
      List<Plan<S, R, U>> returned = set.holdings().stream().map(Holding::plan).toList();
      return new UnsubscribeOutcome.Applied<>(rows(returned, owner.form(), view, budget));
    } catch (EngineException e) {
      return new UnsubscribeOutcome.Refused<>(e.text());
    } finally {
      plans.release(set);
    }
  }

  /** As above, of a node whose memory is bounded elsewhere. */
  public UnsubscribeOutcome<R> unsubscribe(
      S subscriber, QuerySetId id, boolean withRows, ReadView view) {
    return unsubscribe(subscriber, id, withRows, view, budget(MemoryBudget.unlimited().open()));
  }

  /** The distinct plans that texts ask for; new ones are not registered yet. */
  private List<Plan<S, R, U>> wanted(Caller caller, List<String> queries, ReadView view) {
    Set<String> texts = new LinkedHashSet<>();
    for (String query : queries) {
      if (compiler.isAllTables(query.strip())) {
        texts.addAll(compiler.allTables(view, caller));
      }
    }
    for (String query : queries) {
      String text = query.strip();
      if (!compiler.isAllTables(text)) {
        texts.add(text);
      }
      if (texts.size() > limits.queriesPerSetMax()) {
        break;
      }
    }
    if (texts.size() > limits.queriesPerSetMax()) {
      throw EngineException.caller(
          "query set of more queries than its limit of " + limits.queriesPerSetMax());
    }
    List<Plan<S, R, U>> wanted = new ArrayList<>();
    List<TableQuery> added = new ArrayList<>();
    for (String text : texts) {
      Optional<Plan<S, R, U>> existing = plans.find(text, caller);
      Plan<S, R, U> plan = existing.orElseGet(() -> compiled(text, caller, view));
      wanted.add(plan);
      if (existing.isEmpty()) {
        added.add(plan.query());
      }
    }
    if (!added.isEmpty() && plans.count() + added.size() > limits.plansMax()) {
      throw EngineException.tenant(
          "the database has %d distinct subscribed queries and %d more were asked for, limit %d"
              .formatted(plans.count(), added.size(), limits.plansMax()));
    }
    RowLimit.check(view, caller, added);
    return wanted;
  }

  private Plan<S, R, U> compiled(String text, Caller caller, ReadView view) {
    TableQuery query;
    try {
      query = compiler.subscription(text, view, caller);
    } catch (EngineException e) {
      throw new EngineException(
          e.code(), e.text() + ", executing: `" + compiler.shown(text) + "`", e);
    }
    QueryKey key =
        query.isCallerSpecific() ? QueryKey.of(text, caller.identity()) : QueryKey.shared(text);
    return new Plan<>(key, query, room);
  }

  private List<R> rows(
      List<Plan<S, R, U>> wanted, WireForm<R, U> form, ReadView view, Budget budget) {
    List<R> rows = new ArrayList<>();
    for (Plan<S, R, U> plan : wanted) {
      TableSchema table = plan.query().table();
      if (view.rowCount(table.id()).orElse(0) > 0) {
        rows.add(rowsOf(plan, form, view, budget));
      }
    }
    return rows;
  }

  private R rowsOf(Plan<S, R, U> plan, WireForm<R, U> form, ReadView view, Budget budget) {
    Optional<KeptRows.Kept<R, U>> known = kept.find(plan, form);
    if (known.isPresent()) {
      budget.reused(known.get().bytes());
      return known.get().rows();
    }
    Rows found = plan.query().rows(view, budget);
    R encoded = form.rows(plan.query().table(), found);
    kept.keep(plan, form, encoded, found);
    return encoded;
  }

  /** What the rows that are kept for further subscribers cost, in bytes. */
  public long keptBytes() {
    return kept.bytes();
  }

  /**
   * What one transaction changed in every query set.
   *
   * <p>What the changes take of the node's memory is given back by {@link #delivered}, or by the
   * next evaluation. Query sets for whose changes there is no room are dropped.
   *
   * @param changes the transaction's net changes; their bytes are not kept
   */
  public Deltas<S, U> evaluate(TxChanges changes) {
    room.clear();
    List<Plan<S, R, U>> changed = new ArrayList<>();
    long plansAsked = match(changes, changed);
    Map<QuerySet<S, R, U>, String> failed = new LinkedHashMap<>();
    Map<Subscriber<S, R, U>, List<QuerySet<S, R, U>>> touched = new LinkedHashMap<>();
    for (Plan<S, R, U> plan : changed) {
      kept.forget(plan);
      for (Holding<S, R, U> holding : plan.holdings()) {
        QuerySet<S, R, U> set = holding.set();
        plan.encode(set.subscriber().form()).ifPresent(error -> failed.putIfAbsent(set, error));
        if (set.noteChange(holding)) {
          touched.computeIfAbsent(set.subscriber(), key -> new ArrayList<>(1)).add(set);
        }
      }
    }
    Map<S, List<SetDelta<U>>> updates = new LinkedHashMap<>();
    touched.forEach(
        (subscriber, sets) -> {
          List<SetDelta<U>> deltas = new ArrayList<>(sets.size());
          sets.sort((left, right) -> left.id().compareTo(right.id()));
          for (QuerySet<S, R, U> set : sets) {
            if (failed.containsKey(set)) {
              set.forgetChanges();
            } else {
              deltas.add(set.takeDelta());
            }
          }
          if (!deltas.isEmpty()) {
            updates.put(subscriber.name(), List.copyOf(deltas));
          }
        });
    changed.forEach(Plan::clear);
    return new Deltas<>(updates, drop(failed), plansAsked);
  }

  /** Nobody holds on to the last changes any more. */
  public void delivered() {
    room.clear();
  }

  /** Shows every changed row to the plans that may match it; how many looked at one. */
  private long match(TxChanges changes, List<Plan<S, R, U>> changed) {
    long plansAsked = 0;
    for (int i = 0; i < changes.tableCount(); i++) {
      TableChanges table = changes.table(i);
      Optional<TableWatch<S, R, U>> watch = plans.watching(table.schema().id());
      if (watch.isPresent()) {
        plansAsked += match(watch.get(), table.schema().shape(), table.inserted(), true, changed);
        if (!table.schema().isEvent()) {
          plansAsked += match(watch.get(), table.schema().shape(), table.deleted(), false, changed);
        }
      }
    }
    return plansAsked;
  }

  private static <S, R, U> long match(
      TableWatch<S, R, U> watch,
      RowShape shape,
      RowCursor rows,
      boolean isInsert,
      List<Plan<S, R, U>> changed) {
    long plansAsked = 0;
    while (rows.next()) {
      plansAsked +=
          watch.match(shape, rows.buffer(), rows.offset(), rows.length(), isInsert, changed);
    }
    return plansAsked;
  }

  /**
   * Compiles every query anew after the schema changed, and drops the sets of those that are no
   * longer possible or permitted.
   *
   * @param view the committed state with the new schema
   */
  public List<DroppedSet<S>> schemaChanged(ReadView view) {
    kept.clear();
    Map<QuerySet<S, R, U>, String> failed = new LinkedHashMap<>();
    for (Plan<S, R, U> plan : plans.all()) {
      Holding<S, R, U> any = plan.holdings().getFirst();
      Caller owner = new Caller(any.set().subscriber().caller().identity(), true);
      try {
        plan.recompiled(compiler.subscription(plan.key().text(), view, owner));
      } catch (EngineException e) {
        plan.holdings().forEach(holding -> failed.putIfAbsent(holding.set(), e.text()));
        continue;
      }
      for (Holding<S, R, U> holding : plan.holdings()) {
        if (!Plans.mayRead(holding.set().subscriber().caller(), plan.query())) {
          failed.putIfAbsent(
              holding.set(), "table `" + holding.tableName() + "` is no longer for everybody");
        }
      }
    }
    plans.rewatch();
    return drop(failed);
  }

  private List<DroppedSet<S>> drop(Map<QuerySet<S, R, U>, String> failed) {
    List<DroppedSet<S>> dropped = new ArrayList<>();
    failed.forEach(
        (set, error) -> {
          set.subscriber().sets().remove(set.id());
          plans.release(set);
          dropped.add(new DroppedSet<>(set.subscriber().name(), set.id(), error));
        });
    return dropped;
  }
}
