package dev.dormouse.database;

/** What a commit changed in one query, as an edge has encoded it. Opaque to the engine; shared. */
public interface EncodedUpdate {}
