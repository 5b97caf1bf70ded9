package dev.dormouse.query;

/** A compiled statement of the ad-hoc language: it reads, or it writes in a transaction. */
public sealed interface AdHocStatement permits TableQuery, TableWrite {}
