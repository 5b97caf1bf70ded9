package dev.dormouse.protocol;

/**
 * Bounds of the client protocol. Source: spec client-protocol §3, §10, §16.
 *
 * @param messageBytesMax largest assembled WebSocket message from a client
 * @param sqlBytesMax longest SQL text in UTF-8 bytes; a longer one fails its request, and the
 *     connection goes on, so the decoder lets it pass and the executor of queries refuses it
 * @param nameBytesMax longest reducer or procedure name in UTF-8 bytes that is decoded at all
 * @param queriesMax most query strings in one message
 * @param querySetsMax most query sets in one SubscribeBatch
 * @param incomingMessagesMax WebSocket messages of one connection that wait to be processed
 * @param outgoingMessagesMax server messages of one connection that wait to be sent
 * @param compressAboveBytes an uncompressed body of more bytes than this is compressed if asked
 * @param batchBytesMax uncompressed body bytes after which a v3 payload takes no further message
 * @param batchMessagesMax most messages in one v3 payload
 * @param closeReasonBytesMax longest text of a close frame in UTF-8 bytes
 * @param decompressedBytesMax largest body that the decoder of server payloads inflates
 */
public record ProtocolLimits(
    int messageBytesMax,
    int sqlBytesMax,
    int nameBytesMax,
    int queriesMax,
    int querySetsMax,
    int incomingMessagesMax,
    int outgoingMessagesMax,
    int compressAboveBytes,
    int batchBytesMax,
    int batchMessagesMax,
    int closeReasonBytesMax,
    int decompressedBytesMax) {
  /** What the spec names, and our own bounds where it names none. */
  public static final ProtocolLimits DEFAULT =
      new ProtocolLimits(
          33_554_432,
          50_000,
          65_535,
          65_536,
          16_384,
          16_384,
          16_384,
          1024,
          524_288,
          4096,
          123,
          1 << 30);

  public ProtocolLimits {
    positive("messageBytesMax", messageBytesMax);
    positive("sqlBytesMax", sqlBytesMax);
    positive("nameBytesMax", nameBytesMax);
    positive("queriesMax", queriesMax);
    positive("querySetsMax", querySetsMax);
    positive("incomingMessagesMax", incomingMessagesMax);
    positive("outgoingMessagesMax", outgoingMessagesMax);
    positive("batchBytesMax", batchBytesMax);
    positive("batchMessagesMax", batchMessagesMax);
    positive("decompressedBytesMax", decompressedBytesMax);
    if (compressAboveBytes < 0 || compressAboveBytes >= batchBytesMax) {
      throw new IllegalArgumentException(
          "compression above %d bytes must begin within a batch of %d bytes"
              .formatted(compressAboveBytes, batchBytesMax));
    }
    if (sqlBytesMax > messageBytesMax || nameBytesMax > messageBytesMax) {
      throw new IllegalArgumentException(
          "a message (%d bytes) must hold a query (%d bytes) and a name (%d bytes)"
              .formatted(messageBytesMax, sqlBytesMax, nameBytesMax));
    }
    if (closeReasonBytesMax < 4 || closeReasonBytesMax > 123) {
      throw new IllegalArgumentException(
          "a close frame holds 4 to 123 bytes of text, got " + closeReasonBytesMax);
    }
  }

  private static void positive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive, got " + value);
    }
  }
}
