package dev.dormouse.protocol;

import dev.dormouse.sats.DecodeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;

/**
 * Turns the body of server messages into a WebSocket payload: a tag, then the body, compressed if
 * the client asked and the body is large enough.
 *
 * <p>Holds native memory (256 KiB): keep one per thread that sends, and close it. Not thread safe.
 * Source: spec client-protocol §3.2.
 */
public final class PayloadCompressor implements AutoCloseable {
  static final int TAG_NONE = 0;
  static final int TAG_BROTLI = 1;
  static final int TAG_GZIP = 2;

  /** Magic, deflate, no flags, no time, fastest algorithm, unknown system. */
  private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};

  private static final int GZIP_TRAILER_BYTES = 2 * Integer.BYTES;

  private final ProtocolLimits limits;
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private final CRC32 checksum = new CRC32();

  public PayloadCompressor(ProtocolLimits limits) {
    this.limits = limits;
  }

  /**
   * The payload of a body.
   *
   * @param tagged one byte that is overwritten with the tag, then the body
   * @param size bytes of both
   * @return a new array
   */
  public byte[] payload(Compression permitted, byte[] tagged, int size) {
    int body = size - 1;
    boolean worthIt = body > limits.compressAboveBytes();
    return switch (permitted) {
      case NONE, BROTLI -> plain(tagged, size);
      case GZIP -> worthIt ? gzip(tagged, body) : plain(tagged, size);
    };
  }

  private static byte[] plain(byte[] tagged, int size) {
    tagged[0] = TAG_NONE;
    return Arrays.copyOf(tagged, size);
  }

  private byte[] gzip(byte[] tagged, int body) {
    deflater.reset();
    deflater.setInput(tagged, 1, body);
    deflater.finish();
    int head = 1 + GZIP_HEADER.length;
    byte[] out = new byte[head + body / 2 + 64];
    out[0] = TAG_GZIP;
    System.arraycopy(GZIP_HEADER, 0, out, 1, GZIP_HEADER.length);
    int size = head;
    while (!deflater.finished()) {
      if (size == out.length) {
        out = Arrays.copyOf(out, Math.addExact(out.length, out.length / 2));
      }
      size += deflater.deflate(out, size, out.length - size);
    }
    checksum.reset();
    checksum.update(tagged, 1, body);
    out = Arrays.copyOf(out, size + GZIP_TRAILER_BYTES);
    littleEndian(out, size, (int) checksum.getValue());
    littleEndian(out, size + Integer.BYTES, body);
    return out;
  }

  private static void littleEndian(byte[] out, int at, int value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      out[at + i] = (byte) (value >>> (8 * i));
    }
  }

  /** The uncompressed body of a payload; no more than the limit is inflated. */
  static ByteSlice body(byte[] payload, ProtocolLimits limits) {
    if (payload.length == 0) {
      throw new DecodeException("empty payload, a compression tag is required");
    }
    int tag = payload[0];
    return switch (tag) {
      case TAG_NONE -> new ByteSlice(payload, 1, payload.length - 1);
      case TAG_GZIP -> inflate(payload, limits.decompressedBytesMax());
      case TAG_BROTLI -> throw new DecodeException("Brotli payloads are not decoded");
      default -> throw new DecodeException("unknown compression tag " + tag);
    };
  }

  private static ByteSlice inflate(byte[] payload, int bytesMax) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(payload, 1, payload.length - 1))) {
      byte[] body = in.readNBytes(bytesMax);
      if (in.read() >= 0) {
        throw new DecodeException("payload inflates to more than " + bytesMax + " bytes");
      }
      return ByteSlice.of(body);
    } catch (IOException e) {
      throw new DecodeException("payload is not gzip: " + e.getMessage(), e);
    }
  }

  /** Gives the native memory back. */
  @Override
  public void close() {
    deflater.end();
  }
}
