/**
 * A load generator for any server that speaks {@code docs/spec/client-protocol.md}: plain sockets,
 * its own WebSocket framing and its own coding of messages, so that it costs little beside the
 * server on the same cores and shares no mistake with it. It uses nothing but the JDK.
 */
@NullMarked
package dev.dormouse.benchmarks.load;

import org.jspecify.annotations.NullMarked;
