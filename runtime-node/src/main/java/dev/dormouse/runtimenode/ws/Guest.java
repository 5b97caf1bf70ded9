package dev.dormouse.runtimenode.ws;

import dev.dormouse.sats.Identity;

/**
 * Who opens a connection, by the token that came with the request or by one just made for it.
 *
 * @param token the token itself, as the client gets it back
 * @param claims its payload, JSON text, for the module to read
 */
public record Guest(Identity identity, String token, String claims) {}
