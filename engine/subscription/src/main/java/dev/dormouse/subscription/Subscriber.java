package dev.dormouse.subscription;

import dev.dormouse.query.Caller;
import java.util.NavigableMap;
import java.util.TreeMap;

/** One subscriber with its query sets. */
final class Subscriber<S, R, U> {
  private final S name;
  private final Caller caller;
  private final WireForm<R, U> form;
  private final NavigableMap<QuerySetId, QuerySet<S, R, U>> sets = new TreeMap<>();

  Subscriber(S name, Caller caller, WireForm<R, U> form) {
    this.name = name;
    this.caller = caller;
    this.form = form;
  }

  S name() {
    return name;
  }

  Caller caller() {
    return caller;
  }

  WireForm<R, U> form() {
    return form;
  }

  NavigableMap<QuerySetId, QuerySet<S, R, U>> sets() {
    return sets;
  }
}
