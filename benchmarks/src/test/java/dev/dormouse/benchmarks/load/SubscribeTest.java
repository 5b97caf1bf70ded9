package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SubscribeTest {
  @Test
  void subscriptionsAreEncodedAsTheVectorsSay() throws IOException {
    int seen = 0;
    for (JsonNode vector : Vectors.read("client-v2-bsatn.json").toList()) {
      JsonNode subscribe = vector.get("message").get("Subscribe");
      if (subscribe != null) {
        List<String> queries = new ArrayList<>();
        subscribe.get("query_strings").forEach(query -> queries.add(query.asText()));
        byte[] message =
            Subscribe.message(
                (int) subscribe.get("request_id").asLong(),
                (int) subscribe.get("query_set_id").get("id").asLong(),
                queries);
        assertEquals(
            vector.get("hex").asText(),
            HexFormat.of().formatHex(message),
            vector.get("id").asText());
        seen++;
      }
    }
    assertTrue(seen >= 2, seen + " vectors");
  }
}
