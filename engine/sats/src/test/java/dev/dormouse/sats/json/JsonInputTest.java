package dev.dormouse.sats.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.Typespace;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class JsonInputTest {
  private static final Product POINT =
      AlgebraicType.product(Member.of("x", Primitive.U8), Member.of("y", Primitive.I16));
  private static final Sum SHAPE =
      new Sum(
          List.of(
              Member.of("Dot", AlgebraicType.UNIT),
              Member.of("At", new Ref(0)),
              Member.of("1", Primitive.U8)));
  private static final AlgebraicType OPTION = AlgebraicType.option(Primitive.U8);
  private static final AlgebraicType NESTED = AlgebraicType.option(OPTION);
  private static final JsonInput INPUT = JsonInput.of(new Typespace(List.of(POINT, SHAPE)));

  private record Accepted(AlgebraicType type, String json, String hex) {}

  private record Refused(AlgebraicType type, String json, String message) {}

  private static String bsatn(AlgebraicType type, String json) {
    BsatnWriter out = new BsatnWriter();
    INPUT.read(type, json.getBytes(StandardCharsets.UTF_8), out);
    return HexFormat.of().formatHex(out.toByteArray());
  }

  @TestFactory
  Stream<DynamicTest> forms() {
    return Stream.of(
            new Accepted(Primitive.U8, " 255 \n", "ff"),
            new Accepted(Primitive.I8, "-128", "80"),
            new Accepted(Primitive.U64, "18446744073709551615", "ff".repeat(8)),
            new Accepted(
                Primitive.I128, "-170141183460469231731687303715884105728", "00".repeat(15) + "80"),
            new Accepted(Primitive.U256, "\"0xFf\"", "ff" + "00".repeat(31)),
            new Accepted(Primitive.U256, "\"+0x" + "0".repeat(80) + "1\"", "01" + "00".repeat(31)),
            new Accepted(Primitive.I256, "\"-0x1\"", "ff".repeat(32)),
            new Accepted(Primitive.F32, "1", "0000803f"),
            new Accepted(Primitive.F64, "-1.5e0", "000000000000f8bf"),
            new Accepted(
                Primitive.STRING, "\"\\u00e9\\ud83d\\ude00\\ufeff\"", "09000000c3a9f09f9880efbbbf"),
            new Accepted(Primitive.BOOL, "true", "01"),
            new Accepted(POINT, "[1,2]", "010200"),
            new Accepted(POINT, "{\"y\":2,\"x\":1}", "010200"),
            new Accepted(AlgebraicType.UNIT, "{}", ""),
            new Accepted(AlgebraicType.UNIT, "[]", ""),
            new Accepted(SHAPE, "{\"Dot\":[]}", "00"),
            new Accepted(SHAPE, "{\"Dot\":{}}", "00"),
            new Accepted(SHAPE, "{\"0\":{}}", "00"),
            new Accepted(SHAPE, "[0,[]]", "00"),
            new Accepted(SHAPE, "[\"At\",{\"y\":-1,\"x\":3}]", "0103ffff"),
            // A variant's name wins over the tag that its digits are.
            new Accepted(SHAPE, "{\"1\":7}", "0207"),
            new Accepted(new Ref(1), "[1,[3,4]]", "01030400"),
            new Accepted(OPTION, "null", "01"),
            new Accepted(OPTION, "{\"some\":5}", "0005"),
            new Accepted(OPTION, "{\"none\":[]}", "01"),
            new Accepted(NESTED, "[0,null]", "0001"),
            new Accepted(AlgebraicType.BYTES, "\"0aFF\"", "020000000aff"),
            new Accepted(AlgebraicType.BYTES, "[10,255]", "020000000aff"),
            new Accepted(new Array(Primitive.U16), "[1,2]", "0200000001000200"),
            new Accepted(SpecialType.IDENTITY.type(), "[\"0x1\"]", "01" + "00".repeat(31)),
            new Accepted(
                SpecialType.SCHEDULE_AT,
                "{\"Interval\":{\"__time_duration_micros__\":1}}",
                "000100000000000000"))
        .map(
            form ->
                DynamicTest.dynamicTest(
                    form.json, () -> assertEquals(form.hex, bsatn(form.type, form.json))));
  }

  @TestFactory
  Stream<DynamicTest> refusals() {
    return Stream.of(
            new Refused(Primitive.U8, "256", "number `256` is out of range for U8"),
            new Refused(Primitive.U8, "-1", "number `-1` is out of range for U8"),
            new Refused(Primitive.U8, "1.0", "expected U8, found the number 1.0"),
            new Refused(Primitive.U8, "\"1\"", "expected U8, found the string `1`"),
            new Refused(
                Primitive.I64,
                "9223372036854775808",
                "number `9223372036854775808` is out of range for I64"),
            new Refused(
                Primitive.U128,
                "340282366920938463463374607431768211456",
                "number `340282366920938463463374607431768211456` is out of range for U128"),
            new Refused(Primitive.U256, "1", "expected U256, found the number 1"),
            new Refused(
                Primitive.U256,
                "\"-0x1\"",
                "expected U256 as a string of 0x and hex digits, found the string `-0x1`"),
            new Refused(
                Primitive.U256,
                "\"0X1\"",
                "expected U256 as a string of 0x and hex digits, found the string `0X1`"),
            new Refused(
                Primitive.U256,
                "\"0x\"",
                "expected U256 as a string of 0x and hex digits, found the string `0x`"),
            new Refused(
                Primitive.U256,
                "\" 0x1\"",
                "expected U256 as a string of 0x and hex digits, found the string ` 0x1`"),
            new Refused(
                Primitive.I256,
                "\"0x8" + "0".repeat(63) + "\"",
                "number `0x8" + "0".repeat(45) + "…` is out of range for I256"),
            new Refused(Primitive.F64, "null", "expected F64, found null"),
            new Refused(Primitive.F64, "1e999", "number `1e999` is out of range for F64"),
            new Refused(Primitive.F32, "\"NaN\"", "expected F32, found the string `NaN`"),
            new Refused(Primitive.STRING, "5", "expected String, found the number 5"),
            new Refused(
                Primitive.STRING,
                "\"\\ud800\"",
                "string with an unpaired surrogate at character 0"),
            new Refused(POINT, "[1]", "product of 2 elements, found 1"),
            new Refused(POINT, "[1,2,3]", "product of 2 elements, found more"),
            new Refused(POINT, "{\"x\":1}", "field `y` is missing"),
            new Refused(POINT, "{\"x\":1,\"x\":1}", "field `x` is there twice"),
            new Refused(POINT, "{\"x\":1,\"z\":1}", "no field `z` in product of 2 elements: x, y"),
            new Refused(POINT, "{\"x\":1,\"y\":true}", "y: expected I16, found true"),
            new Refused(
                POINT, "7", "expected product as an array or an object, found the number 7"),
            new Refused(SHAPE, "{}", "expected an object with one key, the variant, found none"),
            new Refused(
                SHAPE,
                "{\"Dot\":[],\"At\":[]}",
                "expected an object with one key, the variant, found more"),
            new Refused(SHAPE, "\"Dot\"", "expected a sum, found the string `Dot`"),
            new Refused(SHAPE, "[3,[]]", "no variant `3` in a sum of 3 variants: Dot, At, 1"),
            new Refused(SHAPE, "[0]", "expected [variant, payload], found no payload"),
            new Refused(SHAPE, "[0,[],1]", "expected [variant, payload], found more"),
            new Refused(SHAPE, "null", "expected a sum, found null"),
            new Refused(SHAPE, "{\"At\":[1,{}]}", "At.y: expected I16, found an object"),
            new Refused(OPTION, "5", "expected an option, found the number 5"),
            new Refused(
                AlgebraicType.BYTES,
                "\"abc\"",
                "expected bytes as an even number of hex digits, found the string `abc`"),
            new Refused(
                AlgebraicType.BYTES,
                "\"0xab\"",
                "expected bytes as an even number of hex digits, found the string `0xab`"),
            new Refused(
                new Array(POINT), "[[1,2],[1,\"a\"]]", "[1].y: expected I16, found the string `a`"),
            new Refused(new Array(POINT), "{}", "expected an array, found an object"),
            new Refused(AlgebraicType.NEVER, "[0,[]]", "no variant `0` in a sum of 0 variants"),
            new Refused(
                SpecialType.IDENTITY.type(),
                "\"c200\"",
                "expected product as an array or an object, found the string `c200`"),
            new Refused(Primitive.U8, "1 2", "JSON text goes on after its value, at offset 2"),
            new Refused(Primitive.U8, " ", "JSON text is empty"),
            new Refused(new Ref(9), "1", "type reference 9 is dangling: the typespace has 2"))
        .map(
            form ->
                DynamicTest.dynamicTest(
                    "refused: " + form.json,
                    () ->
                        assertEquals(
                            form.message,
                            assertThrows(DecodeException.class, () -> bsatn(form.type, form.json))
                                .text())));
  }

  @TestFactory
  Stream<DynamicTest> textsThatAreNoJson() {
    return Stream.of(
            "{",
            "[1",
            "01",
            "+1",
            "NaN",
            "1,",
            "]",
            "'a'",
            "// x\n1",
            "\"a\nb\"",
            "tru",
            "\ufeff1",
            "1]",
            "\"\\x\"",
            "{\"x\":1,}",
            ".5",
            "1.",
            "1e",
            "nul")
        .map(
            json ->
                DynamicTest.dynamicTest(
                    json, () -> assertThrows(DecodeException.class, () -> bsatn(POINT, json))));
  }

  @Test
  void textMustBeUtf8() {
    BsatnWriter out = new BsatnWriter();
    byte[] latin = {'"', (byte) 0xe9, '"'};
    assertThrows(DecodeException.class, () -> INPUT.read(Primitive.STRING, latin, out));
    assertEquals(0, out.size());
  }

  private static String arguments(String json) {
    Product params =
        AlgebraicType.product(
            Member.of("aB", Primitive.U8),
            Member.of("c", Primitive.U8),
            Member.of("a_b", Primitive.U8));
    BsatnWriter out = new BsatnWriter();
    INPUT.readArguments(params, List.of("a_b", "see", "x"), json, out);
    return HexFormat.of().formatHex(out.toByteArray());
  }

  @Test
  void argumentsGoByPositionSourceOrCanonicalName() {
    assertEquals("010203", arguments("[1,2,3]"));
    assertEquals("010203", arguments("{\"c\":2,\"a_b\":3,\"aB\":1}"));
    assertEquals("010203", arguments("{\"x\":3,\"see\":2,\"aB\":1}"));
    assertEquals(
        "field `see` is there twice",
        assertThrows(DecodeException.class, () -> arguments("{\"c\":2,\"see\":2,\"aB\":1,\"x\":3}"))
            .text());
    assertEquals(
        "field `aB` is missing",
        assertThrows(DecodeException.class, () -> arguments("{\"a_b\":3,\"c\":2}")).text());
    assertEquals(
        "arguments of 3 elements, found 0",
        assertThrows(DecodeException.class, () -> arguments("[]")).text());
    assertEquals(
        "expected arguments as an array or an object, found null",
        assertThrows(DecodeException.class, () -> arguments("null")).text());
    BsatnWriter none = new BsatnWriter();
    INPUT.readArguments(AlgebraicType.UNIT, List.of(), "[]", none);
    assertEquals(0, none.size());
  }
}
