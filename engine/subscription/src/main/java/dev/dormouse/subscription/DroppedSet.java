package dev.dormouse.subscription;

/** A query set that was dropped because one of its queries failed; its id is free again. */
public record DroppedSet<S>(S subscriber, QuerySetId id, String error) {}
