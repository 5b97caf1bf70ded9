package dev.dormouse.benchmarks.load;

import java.time.Duration;

/**
 * What the load generator waits for and holds at most.
 *
 * @param connectWait from the first connection to the last one's {@code InitialConnection}
 * @param drainWait from the last call sent to the last result; what is missing then counts as lost
 * @param requestWait for one HTTP request (publish, seed, SQL)
 * @param messageBytesMax bytes of one WebSocket message of the server
 * @param frameBytesMax bytes of one frame that joins v3 messages. Source: spec client-protocol §10,
 *     what the SDK does
 * @param inFlightMax calls in flight per connection
 */
record LoadLimits(
    Duration connectWait,
    Duration drainWait,
    Duration requestWait,
    int messageBytesMax,
    int frameBytesMax,
    int inFlightMax) {
  static final LoadLimits STANDARD =
      new LoadLimits(
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofSeconds(120),
          64 << 20,
          256 << 10,
          1 << 16);

  LoadLimits {
    if (frameBytesMax < 256 || messageBytesMax < frameBytesMax) {
      throw new IllegalArgumentException(
          "a message (%d bytes) must hold a frame (%d bytes), a frame one call"
              .formatted(messageBytesMax, frameBytesMax));
    }
  }
}
