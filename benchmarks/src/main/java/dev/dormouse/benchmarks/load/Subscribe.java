package dev.dormouse.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The v2 message {@code Subscribe}. Source: spec client-protocol §8. */
final class Subscribe {
  private static final byte TAG = 0;

  private Subscribe() {}

  /** A whole message. */
  static byte[] message(int requestId, int querySetId, List<String> queries) {
    List<byte[]> texts =
        queries.stream().map(query -> query.getBytes(StandardCharsets.UTF_8)).toList();
    int bytes = texts.stream().mapToInt(text -> 4 + text.length).sum();
    ByteBuffer out =
        ByteBuffer.allocate(1 + 4 + 4 + 4 + bytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(TAG)
            .putInt(requestId)
            .putInt(querySetId)
            .putInt(texts.size());
    texts.forEach(text -> out.putInt(text.length).put(text));
    return out.array();
  }
}
