package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameReaderTest {
  private static final int MOST = 1 << 20;

  private static final class Heard implements FrameReader.Sink {
    final List<String> lines = new ArrayList<>();

    @Override
    public void message(ByteBuffer buffer, int from, int to) {
      byte[] bytes = new byte[to - from];
      buffer.get(from, bytes);
      lines.add("message " + HexFormat.of().formatHex(bytes));
    }

    @Override
    public void ping(byte[] payload) {
      lines.add("ping " + HexFormat.of().formatHex(payload));
    }

    @Override
    public void closed(int code, String reason) {
      lines.add("closed " + code + " " + reason);
    }
  }

  /** A frame as a server writes it: not masked. */
  private static byte[] frame(boolean last, int opcode, byte[] payload) {
    ByteBuffer head = Frames.buffer(Frames.HEAD_BYTES_MAX);
    Frames.head(head, opcode, payload.length);
    head.flip().limit(head.limit() - 4);
    byte[] bytes = new byte[head.limit() + payload.length];
    head.get(bytes, 0, head.limit());
    bytes[0] = (byte) ((last ? 0x80 : 0) | opcode);
    bytes[1] &= 0x7f;
    System.arraycopy(payload, 0, bytes, head.limit(), payload.length);
    return bytes;
  }

  @Test
  void aClientsHeadIsMaskedWithZero() {
    assertHead("82" + "85" + "00000000", 5);
    assertHead("82" + "fd" + "00000000", 125);
    assertHead("82" + "fe007e" + "00000000", 126);
    assertHead("82" + "feffff" + "00000000", 65_535);
    assertHead("82" + "ff0000000000010000" + "00000000", 65_536);
  }

  private static void assertHead(String hex, int payloadBytes) {
    ByteBuffer out = Frames.buffer(Frames.HEAD_BYTES_MAX);
    Frames.head(out, Frames.BINARY, payloadBytes);
    byte[] head = new byte[out.position()];
    out.get(0, head);
    assertArrayEquals(Vectors.hex(hex), head, payloadBytes + " bytes");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void messagesComeWholeHoweverTheBytesArrive(long seed) throws ProtocolException {
    var random = new SplittableRandom(seed);
    var stream = new ByteArrayOutputStream();
    var expected = new ArrayList<String>();
    for (int i = 0; i < 40; i++) {
      byte[] payload =
          new byte[random.nextInt(3) == 0 ? random.nextInt(70_000) : random.nextInt(200)];
      random.nextBytes(payload);
      String hex = HexFormat.of().formatHex(payload);
      switch (random.nextInt(4)) {
        case 0 -> {
          int cut = random.nextInt(payload.length + 1);
          stream.writeBytes(frame(false, Frames.BINARY, java.util.Arrays.copyOf(payload, cut)));
          stream.writeBytes(frame(true, 9, new byte[] {1}));
          stream.writeBytes(frame(false, 0, new byte[0]));
          stream.writeBytes(
              frame(true, 0, java.util.Arrays.copyOfRange(payload, cut, payload.length)));
          expected.add("ping 01");
          expected.add("message " + hex);
        }
        default -> {
          stream.writeBytes(frame(true, Frames.BINARY, payload));
          expected.add("message " + hex);
        }
      }
    }
    var heard = new Heard();
    var reader = new FrameReader(heard, MOST);
    ByteBuffer in = Frames.buffer(stream.size());
    byte[] bytes = stream.toByteArray();
    for (int at = 0; at < bytes.length; ) {
      int count = Math.min(bytes.length - at, 1 + random.nextInt(5_000));
      in.put(bytes, at, count).flip();
      at += count;
      int wanted = reader.read(in);
      assertEquals(in.hasRemaining(), wanted > in.remaining(), "seed " + seed);
      in.compact();
    }
    assertEquals(expected, heard.lines, "seed " + seed);
  }

  @Test
  void aCloseTellsCodeAndReason() throws ProtocolException {
    var heard = new Heard();
    new FrameReader(heard, MOST).read(Vectors.little(frame(true, 8, Vectors.hex("03e9" + "6f6b"))));
    assertEquals(List.of("closed 1001 ok"), heard.lines);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8281", // masked by the server
        "c200", // reserved bit
        "8000", // continuation of nothing
        "8300", // unknown opcode
        "827f0000000000200000", // 2 MiB, over the limit
        "827fffffffffffffffff", // negative length
        "02008200" // a message inside a message
      })
  void whatBreaksTheFramingIsAnError(String hex) {
    assertThrows(
        ProtocolException.class,
        () -> new FrameReader(new Heard(), MOST).read(Vectors.little(Vectors.hex(hex))));
  }
}
