package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.ProtocolLimits;
import java.time.Duration;

/**
 * Every bound of the node's WebSockets, in one place. Source: spec client-protocol §16, design §8.
 *
 * @param protocol sizes of messages and payloads, and how many of them may wait
 * @param inFlight requests of one connection that its database has and has not answered; further
 *     messages stay undecoded
 * @param unprocessedBytes bytes of one connection's messages that are not yet answered, above which
 *     its socket is not read
 * @param inlineDecodeBytes a longer message is decoded on a worker, not on the event loop
 * @param outgoingBytes bytes that wait for one connection, held back or not yet taken by its
 *     socket; a message on top of so many cuts the connection off
 * @param messageBytes largest message to a client; a larger one cuts the connection off
 * @param keptBufferBytes largest outgoing buffer that an idle connection keeps
 * @param fragmentBytes a longer payload is sent in WebSocket fragments of so many bytes
 * @param nodeOutgoingBytes bytes that wait for all connections together; above it the connection
 *     with most is cut off
 * @param nodeIncomingBytes bytes that all connections together have sent and that are not answered,
 *     incomplete messages included; above half of it a connection is not read while it waits for an
 *     answer, above it the connection with most is closed
 * @param uncountedBytes what one connection has sent counts towards {@code nodeIncomingBytes} if it
 *     is more than so many bytes
 * @param pingInterval between two pings
 * @param idleTimeout a connection that was silent, or took nothing, for so long is dropped
 * @param closeTimeout the client's time to answer a close frame
 * @param departuresMax clients that have left and whose databases have not heard of it; at the
 *     limit no connection is opened, and nobody waits for others to leave
 * @param namesKept names of reducers whose text is kept, for all databases
 * @param leaveDelay how long a client that left a sleeping database waits for others, so that one
 *     wake serves all
 * @param retryDelay until the next try to hand over what a full queue did not take
 */
public record SocketLimits(
    ProtocolLimits protocol,
    int inFlight,
    int unprocessedBytes,
    int inlineDecodeBytes,
    long outgoingBytes,
    int messageBytes,
    int keptBufferBytes,
    int fragmentBytes,
    long nodeOutgoingBytes,
    long nodeIncomingBytes,
    int uncountedBytes,
    Duration pingInterval,
    Duration idleTimeout,
    Duration closeTimeout,
    int departuresMax,
    int namesKept,
    Duration leaveDelay,
    Duration retryDelay) {
  /** The standard of this process. */
  public static final SocketLimits DEFAULT = standard(Runtime.getRuntime().maxMemory());

  private static final long NODE_INCOMING_BYTES_MIN = 64L << 20;

  public SocketLimits {
    positive("inFlight", inFlight);
    positive("unprocessedBytes", unprocessedBytes);
    positive("inlineDecodeBytes", inlineDecodeBytes);
    positive("outgoingBytes", outgoingBytes);
    positive("messageBytes", messageBytes);
    positive("keptBufferBytes", keptBufferBytes);
    positive("fragmentBytes", fragmentBytes);
    positive("nodeOutgoingBytes", nodeOutgoingBytes);
    positive("uncountedBytes", uncountedBytes);
    positive("pingInterval nanoseconds", pingInterval.toNanos());
    positive("closeTimeout nanoseconds", closeTimeout.toNanos());
    positive("departuresMax", departuresMax);
    positive("namesKept", namesKept);
    positive("leaveDelay nanoseconds", leaveDelay.toNanos());
    positive("retryDelay nanoseconds", retryDelay.toNanos());
    if (idleTimeout.compareTo(pingInterval) <= 0) {
      throw new IllegalArgumentException(
          "idleTimeout %s must exceed pingInterval %s, or every quiet client is dropped"
              .formatted(idleTimeout, pingInterval));
    }
    if (nodeIncomingBytes < protocol.messageBytesMax()) {
      throw new IllegalArgumentException(
          "nodeIncomingBytes %d must hold a message of %d bytes"
              .formatted(nodeIncomingBytes, protocol.messageBytesMax()));
    }
    if (messageBytes < protocol.batchBytesMax()) {
      throw new IllegalArgumentException(
          "messageBytes %d must hold a batch of %d bytes"
              .formatted(messageBytes, protocol.batchBytesMax()));
    }
  }

  /**
   * The spec's figures; a quarter of the heap for what waits to be sent, an eighth for what was
   * received.
   */
  public static SocketLimits standard(long heapBytes) {
    return new SocketLimits(
        ProtocolLimits.DEFAULT,
        1024,
        1 << 20,
        64 << 10,
        64L << 20,
        256 << 20,
        4 << 10,
        128 << 10,
        Math.max(heapBytes / 4, 1),
        Math.max(heapBytes / 8, NODE_INCOMING_BYTES_MIN),
        8 << 10,
        Duration.ofSeconds(15),
        Duration.ofSeconds(30),
        Duration.ofMillis(250),
        16_384,
        2_048,
        Duration.ofSeconds(1),
        Duration.ofMillis(5));
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException("%s is %d, must be at least 1".formatted(name, value));
    }
  }
}
