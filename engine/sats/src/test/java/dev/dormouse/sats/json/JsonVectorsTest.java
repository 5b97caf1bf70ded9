package dev.dormouse.sats.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.Vectors;
import dev.dormouse.sats.Vectors.Json;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class JsonVectorsTest {
  @Test
  void valuesHaveTheirTexts() {
    for (Json vector : Vectors.read("abi-values.json").list()) {
      AlgebraicType type = Vectors.type(vector.get("type"));
      Typespace typespace = Vectors.typespace(vector);
      byte[] bytes = vector.get("hex").hex();
      Optional<String> typed = vector.find("json_typed").map(Json::text);
      JsonOutput.Shape output = JsonOutput.of(typespace, JsonForm.TYPED).shape(type);
      if (typed.isPresent()) {
        assertEquals(typed.get(), output.toJson(bytes), vector::toString);
        readBack(type, typespace, typed.get(), bytes, vector);
      } else {
        assertThrows(DecodeException.class, () -> output.toJson(bytes), vector::toString);
      }
      String untyped = vector.get("json_untyped").text();
      assertEquals(
          untyped,
          JsonOutput.of(typespace, JsonForm.UNTYPED).shape(type).toJson(bytes),
          vector::toString);
      readBack(type, typespace, untyped, bytes, vector);
    }
  }

  private static void readBack(
      AlgebraicType type, Typespace typespace, String json, byte[] bytes, Json vector) {
    if (json.equals("null")) {
      // What JSON cannot say of a float is not read back; no other value is written as null.
      assertTrue(type == Primitive.F32 || type == Primitive.F64, vector::toString);
      return;
    }
    BsatnWriter out = new BsatnWriter();
    JsonInput.of(typespace).read(type, json, out);
    assertArrayEquals(bytes, out.toByteArray(), vector::toString);
  }
}
