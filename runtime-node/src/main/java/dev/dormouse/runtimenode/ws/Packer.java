package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.Compression;
import dev.dormouse.protocol.PayloadBatch;
import dev.dormouse.protocol.PayloadCompressor;
import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.Subprotocol;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Turns a row of messages into payloads. One thread at a time; see {@link Pool}. */
final class Packer {
  private final PayloadBatch batch;
  private List<byte[]> payloads = new ArrayList<>();

  private Packer(ProtocolLimits limits) {
    this.batch =
        new PayloadBatch(
            limits,
            new PayloadCompressor(limits),
            new PayloadBatch.Receiver(Subprotocol.V3_BSATN, Compression.NONE, payload -> {}));
  }

  /**
   * The payloads of messages, in order.
   *
   * @param bytes messages back to back from index 1 on
   * @param ends where each message ends
   * @param count how many messages
   */
  List<byte[]> pack(
      Subprotocol protocol, Compression compression, byte[] bytes, int[] ends, int count) {
    List<byte[]> packed = new ArrayList<>();
    payloads = packed;
    batch.receiver(
        new PayloadBatch.Receiver(protocol, compression, payload -> payloads.add(payload)));
    int at = 1;
    for (int i = 0; i < count; i++) {
      batch.message(bytes, at, ends[i] - at);
      at = ends[i];
    }
    batch.flush();
    payloads = List.of();
    return packed;
  }

  /** Packers, since each holds native memory: there are as many as threads that send at a time. */
  static final class Pool {
    private final ProtocolLimits limits;
    private final ConcurrentLinkedQueue<Packer> free = new ConcurrentLinkedQueue<>();

    Pool(ProtocolLimits limits) {
      this.limits = limits;
    }

    Packer take() {
      Packer packer = free.poll();
      return packer == null ? new Packer(limits) : packer;
    }

    void giveBack(Packer packer) {
      free.add(packer);
    }
  }
}
