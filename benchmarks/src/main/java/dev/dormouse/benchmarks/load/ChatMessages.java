package dev.dormouse.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Calls of {@code send_message(text: String)} of the module in {@code examples/chat}, always with
 * the same text.
 */
final class ChatMessages implements Calls {
  private final byte[] template;

  ChatMessages(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[] arguments =
        ByteBuffer.allocate(4 + utf8.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(utf8.length)
            .put(utf8)
            .array();
    template = CallReducer.message(0, "send_message", arguments);
  }

  @Override
  public int bytes() {
    return template.length;
  }

  @Override
  public void put(ByteBuffer out, int requestId) {
    int at = out.position();
    out.put(template);
    out.putInt(at + CallReducer.REQUEST_ID_AT, requestId);
  }
}
