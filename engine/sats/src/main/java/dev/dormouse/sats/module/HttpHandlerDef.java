package dev.dormouse.sats.module;

/** An HTTP handler of the root module. Its id is its position. */
public record HttpHandlerDef(String name, String sourceName) {}
