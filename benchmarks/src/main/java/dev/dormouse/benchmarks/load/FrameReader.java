package dev.dormouse.benchmarks.load;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts a server's bytes into WebSocket messages (RFC 6455; unmasked, without extensions),
 * fragmented or not. A message in one frame is handed on where it lies.
 */
final class FrameReader {
  /** Who gets the messages. */
  interface Sink {
    /** A whole binary message: bytes {@code from} to {@code to} of a buffer that is not kept. */
    void message(ByteBuffer buffer, int from, int to) throws ProtocolException;

    /** A ping that wants its payload back. */
    void ping(byte[] payload);

    /** The server has closed. */
    void closed(int code, String reason);
  }

  private final Sink sink;
  private final int messageBytesMax;
  private byte[] fragments = new byte[0];
  private int fragmentBytes;
  private boolean inFragments;

  FrameReader(Sink sink, int messageBytesMax) {
    this.sink = sink;
    this.messageBytesMax = messageBytesMax;
  }

  /**
   * Takes all whole frames between position and limit.
   *
   * @return bytes that the frame at the new position needs to be whole; 0 if nothing is left
   */
  int read(ByteBuffer in) throws ProtocolException {
    while (true) {
      int at = in.position();
      int there = in.limit() - at;
      if (there < 2) {
        return there == 0 ? 0 : 2;
      }
      int first = in.get(at);
      int second = in.get(at + 1);
      if ((first & 0x70) != 0 || (second & 0x80) != 0) {
        throw new ProtocolException("frame with reserved bits or a mask from a server");
      }
      int head = 2;
      long length = second & 0x7f;
      if (length == 126) {
        head = 4;
        if (there < head) {
          return head;
        }
        length = Short.toUnsignedInt(Short.reverseBytes(in.getShort(at + 2)));
      } else if (length == 127) {
        head = 10;
        if (there < head) {
          return head;
        }
        length = Long.reverseBytes(in.getLong(at + 2));
      }
      if (length < 0 || length > messageBytesMax) {
        throw new ProtocolException(
            "frame of %d bytes, limit %d bytes".formatted(length, messageBytesMax));
      }
      int whole = head + (int) length;
      if (there < whole) {
        return whole;
      }
      in.position(at + whole);
      frame(first, in, at + head, at + whole);
    }
  }

  private void frame(int first, ByteBuffer in, int from, int to) throws ProtocolException {
    boolean last = (first & 0x80) != 0;
    switch (first & 0x0f) {
      case 0 -> {
        if (!inFragments) {
          throw new ProtocolException("continuation without a beginning");
        }
        gather(in, from, to);
        if (last) {
          inFragments = false;
          int bytes = fragmentBytes;
          fragmentBytes = 0;
          sink.message(ByteBuffer.wrap(fragments).order(ByteOrder.LITTLE_ENDIAN), 0, bytes);
        }
      }
      case Frames.BINARY -> {
        if (inFragments) {
          throw new ProtocolException("a new message inside a fragmented one");
        }
        if (last) {
          sink.message(in, from, to);
        } else {
          inFragments = true;
          gather(in, from, to);
        }
      }
      case Frames.CLOSE -> {
        byte[] payload = bytes(in, from, to);
        int code = payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
        sink.closed(
            code,
            payload.length < 2
                ? ""
                : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
      }
      case 9 -> sink.ping(bytes(in, from, to));
      case Frames.PONG -> {}
      default -> throw new ProtocolException("frame with opcode " + (first & 0x0f));
    }
  }

  private void gather(ByteBuffer in, int from, int to) throws ProtocolException {
    int bytes = to - from;
    if (fragmentBytes > messageBytesMax - bytes) {
      throw new ProtocolException(
          "message of more than %d bytes in fragments".formatted(messageBytesMax));
    }
    if (fragments.length < fragmentBytes + bytes) {
      fragments = Arrays.copyOf(fragments, Math.max(2 * fragments.length, fragmentBytes + bytes));
    }
    in.get(from, fragments, fragmentBytes, bytes);
    fragmentBytes += bytes;
  }

  private static byte[] bytes(ByteBuffer in, int from, int to) {
    byte[] bytes = new byte[to - from];
    in.get(from, bytes);
    return bytes;
  }
}
