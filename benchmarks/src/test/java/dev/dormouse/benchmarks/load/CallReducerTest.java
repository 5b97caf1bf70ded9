package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class CallReducerTest {
  @Test
  void callsAreEncodedAsTheVectorsSay() throws IOException {
    int seen = 0;
    for (JsonNode vector : Vectors.read("client-v2-bsatn.json").toList()) {
      JsonNode call = vector.get("message").get("CallReducer");
      if (call != null) {
        byte[] message =
            CallReducer.message(
                (int) call.get("request_id").asLong(),
                call.get("reducer").asText(),
                Vectors.hex(call.get("args").asText()));
        assertEquals(
            vector.get("hex").asText(),
            HexFormat.of().formatHex(message),
            vector.get("id").asText());
        seen++;
      }
    }
    assertTrue(seen >= 4, seen + " vectors");
  }

  @Test
  void transferIsATemplateWithItsNumbersPutIn() {
    var calls = new Transfers(new Accounts.Uniform(10), new SplittableRandom(1));
    ByteBuffer out = Frames.buffer(calls.bytes());
    calls.put(out, 0x01020304, 5, 6, 7);
    assertEquals(0, out.remaining());
    byte[] bytes = new byte[calls.bytes()];
    out.get(0, bytes);
    assertArrayEquals(
        CallReducer.message(
            0x01020304, "transfer", Vectors.hex("05000000" + "06000000" + "0700000000000000")),
        bytes);
  }

  @Test
  void chatSendsItsText() {
    var calls = new ChatMessages("Ann");
    ByteBuffer out = Frames.buffer(calls.bytes());
    calls.put(out, 9);
    byte[] bytes = new byte[calls.bytes()];
    out.get(0, bytes);
    assertArrayEquals(CallReducer.message(9, "send_message", Vectors.hex("03000000416e6e")), bytes);
  }

  @Test
  void aTransferNeverGoesToItsOwnAccount() {
    var calls = new Transfers(new Accounts.Uniform(2), new SplittableRandom(3));
    ByteBuffer out = Frames.buffer(calls.bytes());
    for (int i = 0; i < 1_000; i++) {
      calls.put(out.clear(), i);
      int from = out.getInt(calls.bytes() - 16);
      int to = out.getInt(calls.bytes() - 12);
      assertEquals(1, from + to, from + " to " + to);
    }
  }
}
