package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.query.Condition.Literal;
import dev.dormouse.query.Condition.Literal.Form;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The conversions of spec sql-and-subscriptions §6. */
final class LiteralsTest {
  private static final Map<String, AlgebraicType> SPECIAL =
      Map.of(
          "Bytes", AlgebraicType.BYTES,
          "Identity", SpecialType.IDENTITY.type(),
          "ConnectionId", SpecialType.CONNECTION_ID.type(),
          "Timestamp", SpecialType.TIMESTAMP.type(),
          "TimeDuration", SpecialType.TIME_DURATION.type(),
          "Uuid", SpecialType.UUID.type(),
          "Words", new Array(Primitive.U32),
          "Option", AlgebraicType.option(Primitive.U32));

  private static AlgebraicType type(String name) {
    return SPECIAL.containsKey(name) ? SPECIAL.get(name) : Primitive.valueOf(name);
  }

  private static AlgebraicValue value(Form form, String text, String typeName) {
    AlgebraicType type = type(typeName);
    Constant constant = Literals.encode(new Literal(form, text), type, QueryLimits.DEFAULT);
    return Bsatn.INLINED.read(type, constant.toByteArray());
  }

  private static String refusal(Form form, String text, String typeName) {
    return assertThrows(
            EngineException.class, () -> value(form, text, typeName), text + " as " + typeName)
        .text();
  }

  @ParameterizedTest
  @CsvSource({
    "U8, 255, 255",
    "U8, 2.55e2, 255",
    "I8, -128, -128",
    "I8, +127, 127",
    "U32, 1e3, 1000",
    "U32, 1E+3, 1000",
    "U32, 5.0, 5",
    "U32, 100e-2, 1",
    "U64, 18446744073709551615, 18446744073709551615",
    "I128, -170141183460469231731687303715884105728, -170141183460469231731687303715884105728",
    "U256, 1e77, 1" // 77 zeros follow
  })
  void integers(String typeName, String text, String expected) {
    String digits = text.equals("1e77") ? "1" + "0".repeat(77) : expected;
    AlgebraicValue value = new AlgebraicValue.Int(new BigInteger(digits));
    assertEquals(value, value(Form.NUMBER, text, typeName));
    assertEquals(value, value(Form.STRING, text, typeName));
  }

  @ParameterizedTest
  @CsvSource({
    "U8, 256",
    "U8, -1",
    "U8, 1e3",
    "U32, 0.1",
    "U32, 1.3",
    "U32, str",
    "U32, ''",
    "U32, ' 5'",
    "U32, 0x5",
    "U32, 1e",
    "U32, --1",
    "I64, 9223372036854775808",
    "U256, 1e78",
    "U256, 1e999999999",
    "U256, 1e99999999999999999999",
    "U256, 100e2147483647",
    "F32, inf",
    "F32, NaN",
    "F64, 1.5f",
    "F64, 0x1p3",
    "F64, ''",
    "F64, .",
    "Bytes, abc",
    "Bytes, xy",
    "Identity, c2",
    "ConnectionId, 4d",
    "Uuid, 00000000-0000-0000-0000-00000000000",
    "Uuid, 00000000-000000000000-0000-000000000005",
    "Timestamp, 2025-02-10T15:45:30",
    "Timestamp, 2025-02-30T15:45:30Z",
    "Timestamp, 2025-02-10T25:45:30Z",
    "Timestamp, 2025-02-10T15:45Z",
    "Timestamp, 2025-02-10",
    "Timestamp, 2025-02-10T15:45:30+24:00",
    "Timestamp, 2025-02-10T15:45:30.Z",
    "TimeDuration, 5",
    "Words, 00",
    "Option, 5",
    "BOOL, true",
    "BOOL, 1"
  })
  void whatIsNoValueOfTheTypeIsRefused(String typeName, String text) {
    String refusal = refusal(Form.STRING, text, typeName);
    assertTrue(refusal.contains("`" + text + "` cannot be parsed as type"), refusal);
  }

  @Test
  void booleansAreBooleansOnly() {
    assertEquals(new AlgebraicValue.Bool(true), value(Form.BOOL, "true", "BOOL"));
    for (String typeName : List.of("U32", "STRING", "F64", "Bytes", "Identity")) {
      String refusal = refusal(Form.BOOL, "true", typeName);
      assertTrue(refusal.contains("(expected)") && refusal.contains("Bool"), refusal);
    }
  }

  @Test
  void floatsRoundAndOverflowToInfinity() {
    assertEquals(new AlgebraicValue.F32(0.1f), value(Form.NUMBER, "0.1", "F32"));
    assertEquals(new AlgebraicValue.F32(1e-3f), value(Form.NUMBER, "1e-3", "F32"));
    assertEquals(
        new AlgebraicValue.F32(Float.POSITIVE_INFINITY), value(Form.NUMBER, "1e40", "F32"));
    assertEquals(
        new AlgebraicValue.F64(Double.NEGATIVE_INFINITY), value(Form.STRING, "-1e400", "F64"));
    assertEquals(new AlgebraicValue.F64(-0.0), value(Form.NUMBER, "-.0", "F64"));
  }

  @Test
  void aStringTakesAnyText() {
    assertEquals(new AlgebraicValue.Text("it's"), value(Form.STRING, "it's", "STRING"));
    assertEquals(new AlgebraicValue.Text("-5"), value(Form.NUMBER, "-5", "STRING"));
    assertEquals(new AlgebraicValue.Text("AB"), value(Form.HEX, "AB", "STRING"));
  }

  @Test
  void hexNeverIsANumber() {
    refusal(Form.HEX, "10", "U32");
    refusal(Form.HEX, "10", "F64");
  }

  @Test
  void bytesAndIdsTakeHexWithAndWithoutItsPrefix() {
    AlgebraicValue abcd = new AlgebraicValue.Bytes(HexFormat.of().parseHex("abcd"));
    assertEquals(abcd, value(Form.HEX, "ABcd", "Bytes"));
    assertEquals(abcd, value(Form.STRING, "0xabcd", "Bytes"));
    assertEquals(
        new AlgebraicValue.Bytes(HexFormat.of().parseHex("12")), value(Form.NUMBER, "12", "Bytes"));
    assertEquals(new AlgebraicValue.Bytes(new byte[0]), value(Form.STRING, "", "Bytes"));
    AlgebraicValue five = AlgebraicValue.Product.of(AlgebraicValue.Int.of(5));
    assertEquals(five, value(Form.HEX, "0".repeat(63) + "5", "Identity"));
    assertEquals(five, value(Form.STRING, "0x" + "0".repeat(63) + "5", "Identity"));
    assertEquals(five, value(Form.NUMBER, "0".repeat(31) + "5", "ConnectionId"));
    assertEquals(five, value(Form.HEX, "0".repeat(31) + "5", "Uuid"));
    for (String text :
        List.of(
            "00000000-0000-0000-0000-000000000005",
            "{00000000-0000-0000-0000-000000000005}",
            "urn:uuid:00000000-0000-0000-0000-000000000005")) {
      assertEquals(five, value(Form.STRING, text, "Uuid"));
    }
    assertEquals(
        value(Form.STRING, "0198D0A1-0000-7000-8000-00000000000a", "Uuid"),
        value(Form.HEX, "0198d0a1000070008000" + "00000000000a", "Uuid"));
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 0",
    "1969-12-31T23:59:59.5Z, -500000",
    "2023-11-14T22:13:20.123456Z, 1700000000123456",
    "2023-11-14T22:13:20.123456999+00:00, 1700000000123456",
    "2023-11-15 00:13:20+02:00, 1700000000000000",
    "2023-11-14t20:43:20-01:30, 1700000000000000",
    "2023-11-14T22:13:20.1z, 1700000000100000",
    "2016-12-31T23:59:60Z, 1483228800000000"
  })
  void timestamps(String text, long micros) {
    assertEquals(
        AlgebraicValue.Product.of(AlgebraicValue.Int.of(micros)),
        value(Form.STRING, text, "Timestamp"));
  }

  @Test
  void hostileNumbersCostLittle() {
    String zeros = "1" + "0".repeat(49_000);
    assertTimeout(
        Duration.ofSeconds(10),
        () -> {
          refusal(Form.NUMBER, zeros, "U256");
          refusal(Form.NUMBER, zeros + "e-49000", "U8");
          refusal(Form.NUMBER, "1e2147483647", "U8");
          value(Form.NUMBER, zeros, "F64");
        });
  }
}
