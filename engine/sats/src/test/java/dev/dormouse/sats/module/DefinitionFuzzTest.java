package dev.dormouse.sats.module;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.RandomSats;
import dev.dormouse.sats.Vectors;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DefinitionFuzzTest {
  private static final int ROUNDS = 500;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void mutatedDefinitionsAreValidatedOrRefused(long seed) {
    RandomSats random = new RandomSats(new Random(seed));
    List<byte[]> originals =
        Stream.concat(
                DefinitionVectorsTest.definitions().stream(),
                Vectors.read("since-2.8.json").get("validation").list().stream())
            .map(vector -> vector.get("hex").hex())
            .toList();
    int valid = 0;
    int invalid = 0;
    int malformed = 0;
    for (int i = 0; i < ROUNDS; i++) {
      for (byte[] original : originals) {
        byte[] bytes = random.mutated(original);
        RawModuleDef definition;
        try {
          definition = RawModuleDef.decode(bytes, DefinitionLimits.DEFAULT);
        } catch (DecodeException e) {
          malformed++;
          continue;
        }
        assertArrayEquals(
            definition.encode(),
            RawModuleDef.decode(definition.encode(), DefinitionLimits.DEFAULT).encode(),
            "seed " + seed);
        try {
          ModuleSchema schema = ModuleSchema.of(definition, DefinitionLimits.DEFAULT);
          RawModuleV10 written = schema.toV10();
          RawModuleV10 again = ModuleSchema.of(written, DefinitionLimits.DEFAULT).toV10();
          if (schema.version() == 10) {
            assertTrue(written.equals(again), "seed " + seed);
          }
          assertEquals(
              written.sections().size(),
              Vectors.parse(written.toJson()).get("sections").list().size(),
              "seed " + seed);
          assertEquals(
              schema.tables().size(),
              Vectors.parse(schema.toV9().toJson()).get("tables").list().size(),
              "seed " + seed);
          valid++;
        } catch (EngineException e) {
          assertEquals(EngineException.Code.TENANT, e.code());
          invalid++;
        }
      }
    }
    assertTrue(
        valid > 500 && invalid > 500 && malformed > 500,
        "seed %d: %d valid, %d invalid, %d malformed".formatted(seed, valid, invalid, malformed));
  }
}
