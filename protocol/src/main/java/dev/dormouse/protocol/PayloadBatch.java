package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnWriter;
import java.util.function.Consumer;

/**
 * Packs the server messages of one connection into WebSocket payloads: one each in v2, as many as
 * fit in v3.
 *
 * <p>Write one whole message with {@link #messages}, then {@link #endMessage}; at the end of a
 * drain {@link #flush}. A payload is handed to the sink as a new array that the sink owns, in
 * order. Its buffer can serve one connection after another if each is flushed. Not thread safe.
 * Source: spec client-protocol §10.
 */
public final class PayloadBatch {
  private static final int BUFFER_BYTES = 4096;

  private final ProtocolLimits limits;
  private final PayloadCompressor compressor;
  private BsatnWriter body = new BsatnWriter(BUFFER_BYTES);
  private ServerMessageWriter messages = new ServerMessageWriter(body);
  private Receiver receiver;
  private int packedBytes;
  private int packedMessages;

  /**
   * Where payloads go.
   *
   * @param protocol a binary protocol of version 2 or 3
   */
  public record Receiver(Subprotocol protocol, Compression compression, Consumer<byte[]> payloads) {
    public Receiver {
      if (protocol == Subprotocol.V1_BSATN || protocol == Subprotocol.V1_JSON) {
        throw new IllegalArgumentException(protocol + " has other server messages");
      }
    }
  }

  public PayloadBatch(ProtocolLimits limits, PayloadCompressor compressor, Receiver receiver) {
    this.limits = limits;
    this.compressor = compressor;
    this.receiver = receiver;
    clear();
  }

  /** Flushes, then packs for another connection. */
  public void receiver(Receiver next) {
    flush();
    receiver = next;
  }

  /** Writes the next message; exactly one before each {@link #endMessage}. Ask anew for each. */
  public ServerMessageWriter messages() {
    return messages;
  }

  /** Adds a message encoded before. */
  public void message(byte[] encoded, int offset, int length) {
    body.writeRaw(encoded, offset, length);
    endMessage();
  }

  /** Ends a message; payloads that are complete without or with it are handed out. */
  public void endMessage() {
    int end = body.size();
    if (end == packedBytes) {
      throw new IllegalStateException("no message was written");
    }
    if (receiver.protocol() == Subprotocol.V2_BSATN) {
      packedMessages = 1;
      packedBytes = end;
      flush();
      return;
    }
    if (packedMessages > 0 && end - 1 > limits.batchBytesMax()) {
      emitPackedAndKeep(end);
      end = body.size();
    }
    packedMessages++;
    packedBytes = end;
    if (end - 1 >= limits.batchBytesMax() || packedMessages == limits.batchMessagesMax()) {
      flush();
    }
  }

  /**
   * The messages before the last one go out, the last one becomes the first of the next payload.
   */
  private void emitPackedAndKeep(int end) {
    int from = packedBytes;
    int length = end - from;
    receiver.payloads().accept(compressor.payload(receiver.compression(), body.array(), from));
    System.arraycopy(body.array(), from, body.array(), 1, length);
    body.truncate(1 + length);
    packedMessages = 0;
  }

  /** Hands out what is packed, if anything. */
  public void flush() {
    if (body.size() != packedBytes) {
      throw new IllegalStateException("flush inside a message");
    }
    if (packedMessages > 0) {
      byte[] payload = compressor.payload(receiver.compression(), body.array(), body.size());
      clear();
      receiver.payloads().accept(payload);
    }
  }

  /** Uncompressed bytes that wait for {@link #flush}, the tag included. */
  public int pendingBytes() {
    return packedMessages == 0 ? 0 : packedBytes;
  }

  private void clear() {
    if (body.array().length > 2L * limits.batchBytesMax()) {
      // One huge message must not hold its memory for as long as the batch lives.
      body = new BsatnWriter(BUFFER_BYTES);
      messages = new ServerMessageWriter(body);
    }
    body.reset();
    body.writeTag(PayloadCompressor.TAG_NONE);
    packedBytes = body.size();
    packedMessages = 0;
  }
}
