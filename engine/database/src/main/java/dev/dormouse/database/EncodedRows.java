package dev.dormouse.database;

/** The rows of one query as an edge has encoded them. Opaque to the engine; shared by clients. */
public interface EncodedRows {}
