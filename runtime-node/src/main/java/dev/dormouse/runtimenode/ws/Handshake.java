package dev.dormouse.runtimenode.ws;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.protocol.Compression;
import dev.dormouse.protocol.SessionId;
import dev.dormouse.protocol.Subprotocol;
import dev.dormouse.sats.ConnectionId;
import java.util.Optional;

/**
 * What was agreed when a connection was opened.
 *
 * @param protocol version 2 or 3
 * @param confirmed whether messages wait until what they rest on is durable
 */
record Handshake(
    DatabaseKey database,
    Guest guest,
    ConnectionId connectionId,
    Subprotocol protocol,
    Compression compression,
    boolean confirmed,
    Optional<SessionId> session) {}
