package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.protocol.Compression;
import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.protocol.ServerMessageDecoder;
import dev.dormouse.protocol.Subprotocol;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryShare;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OutboxTest {
  private static final SocketLimits LIMITS = SocketLimits.standard(1 << 30);

  private final MemoryShare node = MemoryShare.unlimited();
  private final Backlog backlog = new Backlog(new Backlog.Total(node, Long.MAX_VALUE));
  private final List<byte[]> payloads = new ArrayList<>();
  private WeakReference<byte[]> handedOut = new WeakReference<>(null);
  private int sentMessages;
  private int rows;

  /** Takes frames apart as RFC 6455 says. */
  private void unframe(FrameRow row) {
    ByteBuffer in = ByteBuffer.wrap(row.bytes(), 0, row.length());
    while (in.hasRemaining()) {
      assertEquals((byte) 0x82, in.get(), "final, binary");
      int first = in.get();
      long length =
          switch (first) {
            case 126 -> Short.toUnsignedInt(in.getShort());
            case 127 -> in.getLong();
            default -> first;
          };
      byte[] payload = new byte[Math.toIntExact(length)];
      in.get(payload);
      payloads.add(payload);
    }
  }

  private Outbox outbox(Subprotocol protocol, Compression compression, boolean confirmed) {
    var handshake =
        new Handshake(
            new DatabaseKey(Identity.ZERO, new Generation(new UUID(0, 1))),
            new Guest(Identity.ZERO, "", "{}"),
            new ConnectionId(1, 1),
            protocol,
            compression,
            confirmed,
            Optional.empty());
    return new Outbox(
        LIMITS,
        handshake,
        backlog,
        new Packer.Pool(LIMITS.protocol()),
        new Outbox.Exit() {
          @Override
          public void payload(byte[] bytes, int length, int messages) {
            payloads.add(Arrays.copyOf(bytes, length));
            handedOut = new WeakReference<>(bytes);
            sentMessages += messages;
            backlog.send(length, messages);
          }

          @Override
          public void frames(FrameRow row) {
            rows++;
            assertTrue(row.length() <= LIMITS.fragmentBytes() + FrameRow.HEAD_BYTES_MAX + 1);
            int before = payloads.size();
            unframe(row);
            assertEquals(row.messages(), payloads.size() - before);
            sentMessages += row.messages();
            backlog.send(row.length(), row.messages());
          }
        });
  }

  private static void add(Outbox outbox, int id, String text, long offset) {
    outbox.message().oneOffQueryError(id, text);
    outbox.end(offset);
  }

  private List<Integer> received() {
    List<Integer> ids = new ArrayList<>();
    for (byte[] payload : payloads) {
      ServerMessageDecoder.decodePayload(payload, ProtocolLimits.DEFAULT)
          .forEach(each -> ids.add(((ServerMessage.OneOffQueryResult) each).requestId()));
    }
    return ids;
  }

  @Test
  void oneDrainIsOnePayload() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.NONE, true);
    add(outbox, 1, "a", 5);
    add(outbox, 2, "b", Outbox.NOTHING);
    assertFalse(outbox.release(5));
    assertEquals(1, payloads.size());
    assertEquals(List.of(1, 2), received());
    assertEquals(2, sentMessages);
  }

  /** The socket has it; a thousand clients that take no more would keep a thousand of them. */
  @Test
  void aLargeMessageIsNotKeptOnceItIsHandedOut() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.NONE, true);
    outbox.expect(1 << 20);
    add(outbox, 1, "x".repeat(1 << 20), Outbox.NOTHING);
    assertFalse(outbox.release(0));
    assertEquals(1, payloads.size());
    Await.until(
        "the buffer to be free",
        () -> {
          System.gc();
          return handedOut.get() == null;
        });
    add(outbox, 2, "goes on", Outbox.NOTHING);
    assertFalse(outbox.release(0));
    assertEquals(List.of(1, 2), received());
  }

  @Test
  void onlyTheDurablePrefixGoes() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.NONE, true);
    add(outbox, 1, "free", Outbox.NOTHING);
    add(outbox, 2, "at 3", 3);
    add(outbox, 3, "behind it", Outbox.NOTHING);
    add(outbox, 4, "an older read", 1);
    add(outbox, 5, "at 4", 4);
    assertTrue(outbox.release(2));
    assertEquals(List.of(1), received());
    assertTrue(outbox.release(3));
    assertEquals(List.of(1, 2, 3, 4), received());
    add(outbox, 6, "at 9", 9);
    assertTrue(outbox.release(8));
    assertFalse(outbox.release(9));
    assertEquals(List.of(1, 2, 3, 4, 5, 6), received());
  }

  @Test
  void unconfirmedWaitsForNothing() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.NONE, false);
    add(outbox, 1, "a", 1_000);
    assertFalse(outbox.release(-1));
    assertEquals(List.of(1), received());
  }

  @Test
  void version2GetsAPayloadForEach() {
    Outbox outbox = outbox(Subprotocol.V2_BSATN, Compression.NONE, true);
    add(outbox, 1, "a", 1);
    add(outbox, 2, "b", 1);
    add(outbox, 3, "c", 2);
    assertTrue(outbox.release(1));
    assertEquals(2, payloads.size());
    assertEquals(1, rows, "in one write");
    assertFalse(outbox.release(2));
    assertEquals(3, payloads.size());
    assertEquals(List.of(1, 2, 3), received());
    assertEquals(3, sentMessages);
  }

  @Test
  void payloadsEndAtTheirLimits() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.NONE, true);
    for (int i = 0; i < 10; i++) {
      add(outbox, i, "x".repeat(100_000), 0);
    }
    for (int i = 10; i < 10_000; i++) {
      add(outbox, i, "", 0);
    }
    assertFalse(outbox.release(0));
    assertEquals(IntStream.range(0, 10_000).boxed().toList(), received());
    payloads.forEach(
        payload -> assertTrue(payload.length <= LIMITS.protocol().batchBytesMax() + 1));
    assertEquals(10_000, sentMessages);
    assertEquals(10_000, backlog.messages());
  }

  @Test
  void largePayloadsAreCompressedIfAsked() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.GZIP, true);
    add(outbox, 1, "x".repeat(500), 0);
    outbox.release(0);
    add(outbox, 2, "x".repeat(5_000), 0);
    outbox.release(0);
    assertEquals(0, payloads.getFirst()[0]);
    assertEquals(2, payloads.getLast()[0]);
    assertTrue(payloads.getLast().length < 500);
    assertEquals(List.of(1, 2), received());
  }

  @Test
  void whatWaitsIsCountedForTheConnectionAndTheNode() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.NONE, true);
    add(outbox, 1, "x".repeat(1_000), 7);
    outbox.release(6);
    assertTrue(node.bytes() > 1_000);
    assertEquals(node.bytes(), backlog.bytes());
    assertEquals(1, backlog.messages());
    outbox.release(7);
    assertEquals(payloads.getFirst().length, node.bytes());
    backlog.written(payloads.getFirst().length, 1);
    assertEquals(0, node.bytes());
    assertEquals(0, backlog.messages());
  }

  @Test
  void aConnectionIsFullByMessagesOrBytesAndNotByOneLargeMessage() {
    Outbox outbox = outbox(Subprotocol.V3_BSATN, Compression.NONE, true);
    String large = "x".repeat(1 << 20);
    assertFalse(outbox.admits(LIMITS.messageBytes() + 1L));
    int count = 0;
    while (outbox.admits(large.length())) {
      add(outbox, count++, large, 1);
    }
    assertEquals(LIMITS.outgoingBytes() / large.length(), count);
    outbox.release(1);
    assertFalse(outbox.admits(0), "sent and not taken counts as well");
    backlog.written((int) backlog.sentBytes(), backlog.sentMessages());
    count = 0;
    while (outbox.admits(0)) {
      add(outbox, count++, "", 2);
    }
    assertEquals(LIMITS.protocol().outgoingMessagesMax(), count);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void nothingIsLostOrReorderedOrTooEarly(long seed) {
    var random = new SplittableRandom(seed);
    Subprotocol protocol = seed % 2 == 0 ? Subprotocol.V3_BSATN : Subprotocol.V2_BSATN;
    Compression compression = seed % 3 == 0 ? Compression.GZIP : Compression.NONE;
    Outbox outbox = outbox(protocol, compression, true);
    List<Long> required = new ArrayList<>();
    int next = 0;
    long durable = 0;
    for (int step = 0; step < 2_000; step++) {
      if (random.nextInt(3) > 0) {
        long offset = random.nextInt(4) == 0 ? Outbox.NOTHING : durable + random.nextInt(4);
        int size = random.nextInt(50) == 0 ? random.nextInt(600_000) : random.nextInt(200);
        add(outbox, required.size(), "x".repeat(size), offset);
        required.add(offset);
      } else {
        durable += random.nextInt(3);
        boolean holding = outbox.release(durable);
        for (int id : received()) {
          assertEquals(next++, id, "seed " + seed);
          assertTrue(required.get(id) <= durable, "seed " + seed);
        }
        payloads.clear();
        assertEquals(next < required.size(), holding, "seed " + seed);
        assertTrue(!holding || required.get(next) > durable, "seed " + seed);
      }
    }
    assertFalse(outbox.release(durable + 4), "seed " + seed);
  }

  @Test
  void framesOfEveryLengthGoInRowsOfABoundedLength() {
    Outbox outbox = outbox(Subprotocol.V2_BSATN, Compression.NONE, true);
    int most = LIMITS.fragmentBytes();
    int[] lengths = {0, 1, 100, 110, 120, 130, 200, 65_500, 65_530, 70_000, most / 2, most - 64, 5};
    List<Integer> ids = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      for (int length : lengths) {
        ids.add(ids.size());
        add(outbox, ids.size() - 1, "x".repeat(length), 1);
      }
    }
    assertFalse(outbox.release(1));
    assertEquals(ids, received());
    assertTrue(rows > 1 && rows < ids.size(), rows + " rows");
    assertEquals(ids.size(), sentMessages);
  }

  @Test
  void whatIsToBeCompressedIsNotFramedPlain() {
    Outbox outbox = outbox(Subprotocol.V2_BSATN, Compression.GZIP, true);
    add(outbox, 1, "a", 1);
    add(outbox, 2, "b".repeat(2 * LIMITS.protocol().compressAboveBytes()), 1);
    assertFalse(outbox.release(1));
    assertEquals(0, rows);
    assertEquals(List.of(1, 2), received());
    assertTrue(payloads.get(1).length < LIMITS.protocol().compressAboveBytes());
  }
}
