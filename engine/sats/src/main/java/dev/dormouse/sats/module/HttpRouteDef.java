package dev.dormouse.sats.module;

/**
 * A route of the root module.
 *
 * @param handler position of the handler
 * @param path empty, or beginning with a slash; compared exactly
 */
public record HttpRouteDef(int handler, HttpMethod method, String path) {}
