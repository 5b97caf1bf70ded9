package dev.dormouse.sats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dormouse.sats.Vectors.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class ValueVectorsTest {
  @TestFactory
  Stream<DynamicTest> typesRoundTrip() {
    return Vectors.read("abi-types.json").list().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      AlgebraicType type = Vectors.type(vector.get("type"));
                      byte[] bytes = vector.get("hex").hex();
                      assertEquals(type, TypeCodec.read(new BsatnReader(bytes)));
                      assertArrayEquals(bytes, TypeCodec.toBytes(type));
                    }));
  }

  @TestFactory
  Stream<DynamicTest> invalidTypesAreRefused() {
    return Vectors.read("abi-invalid-types.json").list().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () ->
                        assertThrows(
                            DecodeException.class,
                            () -> TypeCodec.read(new BsatnReader(vector.get("hex").hex())))));
  }

  @Test
  void valuesRoundTrip() {
    List<Json> vectors = new ArrayList<>(Vectors.read("abi-values.json").list());
    vectors.addAll(Vectors.read("abi-values-random.json").list());
    for (Json vector : vectors) {
      AlgebraicType type = Vectors.type(vector.get("type"));
      Typespace typespace = Vectors.typespace(vector);
      byte[] bytes = vector.get("hex").hex();
      AlgebraicValue value = Vectors.value(type, typespace, vector.get("value"));
      Bsatn codec = Bsatn.of(typespace);
      BsatnReader reader = new BsatnReader(bytes);
      assertEquals(value, codec.read(type, reader), vector::toString);
      assertEquals(0, reader.remaining(), vector::toString);
      assertArrayEquals(bytes, codec.toBytes(type, value), vector::toString);
      reader.reset(bytes, 0, bytes.length);
      codec.skip(type, reader);
      assertEquals(0, reader.remaining(), vector::toString);
      if (typespace.types().isEmpty()) {
        RowShape shape = RowShape.ofColumns(List.of(type));
        assertEquals(bytes.length, shape.validate(bytes, 0, bytes.length), vector::toString);
        assertEquals(bytes.length, shape.rowEnd(bytes, 0), vector::toString);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> invalidValuesAreRefused() {
    return Vectors.read("abi-invalid.json").list().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      AlgebraicType type = Vectors.type(vector.get("type"));
                      byte[] bytes = vector.get("hex").hex();
                      assertThrows(DecodeException.class, () -> Bsatn.INLINED.read(type, bytes));
                      assertThrows(
                          DecodeException.class,
                          () -> Bsatn.INLINED.skip(type, new BsatnReader(bytes)));
                      RowShape shape = RowShape.ofColumns(List.of(type));
                      assertThrows(
                          DecodeException.class, () -> shape.validate(bytes, 0, bytes.length));
                    }));
  }
}
