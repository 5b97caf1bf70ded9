package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.Compression;
import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.ServerMessageWriter;
import dev.dormouse.protocol.Subprotocol;
import dev.dormouse.sats.BsatnWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages that one connection has been told and that are not handed to its socket yet, in one
 * buffer, each with the offset it must wait for. Used on the lane.
 *
 * <p>Per message: {@link #message}, write one, {@link #end}. Once per drain: {@link #release}. A
 * message never overtakes another: it waits for what those before it wait for. Source: spec
 * client-protocol §15.
 */
final class Outbox {
  /** Rests on no commit. */
  static final long NOTHING = -1;

  /** The tag of a payload that is not compressed. Source: spec client-protocol §3.2. */
  private static final byte PLAIN = 0;

  private static final int BUFFER_BYTES = 512;

  /** What a large message has besides its rows, about. */
  private static final int HEADS_BYTES = 1_024;

  private static final int MARKS = 8;
  private static final int KEPT_MARKS = 64;

  /** Messages of more bytes are counted before they are written, others with the next release. */
  static final int LARGE_BYTES = 64 << 10;

  /** Where payloads go. */
  interface Exit {
    /** Sends one payload; its array is given away. */
    void payload(byte[] bytes, int length, int messages);

    /** Sends messages that are frames already; the row is given away. */
    void frames(FrameRow row);
  }

  private final SocketLimits limits;
  private final Handshake handshake;
  private final Backlog backlog;
  private final Packer.Pool packers;
  private final Exit exit;

  /** One byte for the payload's tag, then messages back to back; none if nothing waits. */
  private @Nullable BsatnWriter body;

  private @Nullable ServerMessageWriter writer;
  private int[] ends = new int[MARKS];
  private long[] offsets = new long[MARKS];
  private int count;
  private long lastOffset = NOTHING;

  /** What the socket had not taken after the last release; it may be less by now. */
  private long sentBytes;

  private int sentMessages;

  /** What of the body the backlog knows. */
  private long counted;

  Outbox(
      SocketLimits limits, Handshake handshake, Backlog backlog, Packer.Pool packers, Exit exit) {
    this.limits = limits;
    this.handshake = handshake;
    this.backlog = backlog;
    this.packers = packers;
    this.exit = exit;
  }

  /** Whether a message of so many bytes may be added: not if the connection is to be cut off. */
  boolean admits(long bytes) {
    if (bytes > limits.messageBytes()) {
      return false;
    }
    if (isFull()) {
      lookAtSent();
      return !isFull();
    }
    return true;
  }

  /** Makes room for a large message that was admitted, so that it is not moved while it grows. */
  void expect(long bytes) {
    message();
    BsatnWriter out = body;
    if (out != null) {
      out.reserve(bytes + HEADS_BYTES);
    }
  }

  private void lookAtSent() {
    sentBytes = backlog.sentBytes();
    sentMessages = backlog.sentMessages();
  }

  private boolean isFull() {
    return heldBytes() + sentBytes > limits.outgoingBytes()
        || count + sentMessages >= limits.protocol().outgoingMessagesMax();
  }

  private int heldBytes() {
    return body == null ? 0 : body.size();
  }

  /** Writes the next message; exactly one before each {@link #end}. */
  ServerMessageWriter message() {
    BsatnWriter out = body;
    if (out == null) {
      out = new BsatnWriter(BUFFER_BYTES);
      body = out;
    }
    if (out.size() == 0) {
      out.writeTag(PLAIN);
    }
    ServerMessageWriter messages = writer;
    if (messages == null) {
      messages = new ServerMessageWriter(out);
      writer = messages;
    }
    return messages;
  }

  /**
   * Ends a message.
   *
   * @param offset of the commit it rests on, or {@link #NOTHING}
   */
  void end(long offset) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    if (handshake.confirmed()) {
      lastOffset = Math.max(lastOffset, offset);
    }
    ends[count] = heldBytes();
    offsets[count] = lastOffset;
    count++;
    if (heldBytes() - counted > LARGE_BYTES) {
      hold();
    }
  }

  private void hold() {
    counted = count == 0 ? 0 : heldBytes();
    backlog.hold(counted, count);
  }

  /**
   * Hands out what may go.
   *
   * @param durable offset up to which everything is durable
   * @return whether anything is held back
   */
  boolean release(long durable) {
    int ready = lastOffset <= durable ? count : ready(durable);
    if (ready > 0) {
      send(ready);
    }
    hold();
    lookAtSent();
    return count > 0;
  }

  private int ready(long durable) {
    int ready = 0;
    while (ready < count && offsets[ready] <= durable) {
      ready++;
    }
    return ready;
  }

  private void send(int ready) {
    BsatnWriter out = body;
    if (out == null) {
      throw new IllegalStateException(count + " messages without bytes");
    }
    int end = ends[ready - 1];
    if (isOnePlainPayload(ready, end)) {
      if (ready == count && out.array().length > limits.keptBufferBytes()) {
        exit.payload(out.array(), end, ready);
        letGo();
      } else {
        exit.payload(Arrays.copyOf(out.array(), end), end, ready);
      }
    } else if (areShortPlainMessages(ready)) {
      frame(out, ready);
    } else {
      pack(out, ready);
    }
    drop(ready, end);
  }

  /** The common case, for which messages need not be moved: the buffer is the payload. */
  private boolean isOnePlainPayload(int ready, int end) {
    ProtocolLimits protocol = limits.protocol();
    int bodyBytes = end - 1;
    boolean one =
        ready == 1
            || (handshake.protocol() == Subprotocol.V3_BSATN
                && bodyBytes <= protocol.batchBytesMax()
                && ready <= protocol.batchMessagesMax());
    return one
        && (handshake.compression() != Compression.GZIP
            || bodyBytes <= protocol.compressAboveBytes());
  }

  /** The common case of version 2, in which every message has a frame of its own. */
  private boolean areShortPlainMessages(int ready) {
    if (handshake.protocol() != Subprotocol.V2_BSATN) {
      return false;
    }
    int most =
        handshake.compression() == Compression.GZIP
            ? Math.min(limits.fragmentBytes(), limits.protocol().compressAboveBytes())
            : limits.fragmentBytes();
    int at = 1;
    for (int i = 0; i < ready; i++) {
      if (ends[i] - at > most) {
        return false;
      }
      at = ends[i];
    }
    return true;
  }

  private void frame(BsatnWriter out, int ready) {
    int at = 1;
    int next = 0;
    while (next < ready) {
      FrameRow row = new FrameRow(rowBytes(next, ready, at));
      while (next < ready && row.length() + ends[next] - at <= limits.fragmentBytes()) {
        row.add(PLAIN, out.array(), at, ends[next]);
        at = ends[next++];
      }
      if (row.messages() == 0) {
        row.add(PLAIN, out.array(), at, ends[next]); // As long as a row may be, and its head.
        at = ends[next++];
      }
      exit.frames(row);
    }
  }

  private int rowBytes(int next, int ready, int at) {
    int heads = (ready - next) * (FrameRow.HEAD_BYTES_MAX + 1);
    return Math.min(
        ends[ready - 1] - at + heads, limits.fragmentBytes() + FrameRow.HEAD_BYTES_MAX + 1);
  }

  private void pack(BsatnWriter out, int ready) {
    Packer packer = packers.take();
    var payloads =
        packer.pack(handshake.protocol(), handshake.compression(), out.array(), ends, ready);
    packers.giveBack(packer);
    int left = ready;
    for (int i = 0; i < payloads.size(); i++) {
      byte[] payload = payloads.get(i);
      // The last one answers for all that is left: how many are in which does not matter.
      int messages = i == payloads.size() - 1 ? left : 1;
      left -= messages;
      exit.payload(payload, payload.length, messages);
    }
  }

  private void drop(int ready, int end) {
    BsatnWriter out = body;
    if (ready == count) {
      count = 0;
      if (ends.length > KEPT_MARKS) {
        ends = new int[MARKS];
        offsets = new long[MARKS];
      }
      if (out != null && out.array().length > limits.keptBufferBytes()) {
        letGo();
      } else if (out != null) {
        out.reset();
      }
      return;
    }
    if (out == null) {
      throw new IllegalStateException("messages are left without bytes");
    }
    int shift = end - 1;
    System.arraycopy(out.array(), end, out.array(), 1, out.size() - end);
    out.truncate(out.size() - shift);
    count -= ready;
    for (int i = 0; i < count; i++) {
      ends[i] = ends[i + ready] - shift;
      offsets[i] = offsets[i + ready];
    }
  }

  /** Keeps no buffer, nor anything that does. */
  private void letGo() {
    body = null;
    writer = null;
  }

  /** Forgets everything: the connection has ended. */
  void clear() {
    letGo();
    count = 0;
    hold();
  }
}
