package dev.dormouse.query;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/** Types, values from small domains so that they meet, and values as SQL literals. */
final class RandomValues {
  private static final List<AlgebraicType> COMPARABLE =
      List.of(
          Primitive.BOOL,
          Primitive.I8,
          Primitive.U8,
          Primitive.I16,
          Primitive.U16,
          Primitive.I32,
          Primitive.U32,
          Primitive.I64,
          Primitive.U64,
          Primitive.I128,
          Primitive.U128,
          Primitive.I256,
          Primitive.U256,
          Primitive.F32,
          Primitive.F64,
          Primitive.STRING,
          AlgebraicType.BYTES,
          SpecialType.IDENTITY.type(),
          SpecialType.CONNECTION_ID.type(),
          SpecialType.TIMESTAMP.type(),
          SpecialType.UUID.type());
  private static final List<AlgebraicType> OTHERS =
      List.of(
          AlgebraicType.option(Primitive.STRING),
          new Array(Primitive.U32),
          SpecialType.TIME_DURATION.type(),
          SpecialType.SCHEDULE_AT,
          AlgebraicType.UNIT);
  private static final List<String> TEXTS =
      List.of("", "a", "b", "it's", "ab", "\u00e4", "\ud83d\udca4", "\uffff", "0", "-1");
  private static final double[] DOUBLES = {
    0.0,
    -0.0,
    1.5,
    -1.5,
    3e300,
    1e-300,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };

  private final RandomGenerator random;

  RandomValues(RandomGenerator random) {
    this.random = random;
  }

  AlgebraicType comparableType() {
    return pick(COMPARABLE);
  }

  AlgebraicType anyType() {
    return random.nextInt(5) == 0 ? pick(OTHERS) : comparableType();
  }

  <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  AlgebraicValue value(AlgebraicType type) {
    return switch (type) {
      case Ref ref -> throw new IllegalStateException("not inlined: " + ref);
      case Primitive primitive -> primitive(primitive);
      case Array(AlgebraicType element) -> {
        if (element == Primitive.U8) {
          byte[] bytes = new byte[random.nextInt(3)];
          for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextBoolean() ? 1 : 0x80);
          }
          yield new AlgebraicValue.Bytes(bytes);
        }
        List<AlgebraicValue> elements = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          elements.add(value(element));
        }
        yield new AlgebraicValue.Array(elements);
      }
      case Product product ->
          new AlgebraicValue.Product(
              product.elements().stream().map(element -> value(element.type())).toList());
      case Sum sum -> {
        int tag = random.nextInt(sum.variants().size());
        yield new AlgebraicValue.Sum(tag, value(sum.variants().get(tag).type()));
      }
    };
  }

  private AlgebraicValue primitive(Primitive type) {
    return switch (type) {
      case BOOL -> new AlgebraicValue.Bool(random.nextBoolean());
      case STRING -> new AlgebraicValue.Text(pick(TEXTS));
      case F32 -> new AlgebraicValue.F32((float) DOUBLES[random.nextInt(DOUBLES.length)]);
      case F64 -> new AlgebraicValue.F64(DOUBLES[random.nextInt(DOUBLES.length)]);
      case I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, I256, U256 -> {
        BigInteger value =
            switch (random.nextInt(6)) {
              case 0 -> type.minimum();
              case 1 -> type.maximum();
              case 2 -> type.maximum().shiftRight(1);
              default -> BigInteger.valueOf(random.nextInt(3));
            };
        yield new AlgebraicValue.Int(value);
      }
    };
  }

  /** A literal of the value, in one of the ways to write it; there is none for NaN. */
  String literal(AlgebraicType type, AlgebraicValue value) {
    var special = SpecialType.of(type);
    if (special.isPresent()) {
      BigInteger inner =
          ((AlgebraicValue.Int) ((AlgebraicValue.Product) value).elements().getFirst()).value();
      return switch (special.get()) {
        case IDENTITY -> hex(padded(inner, 64));
        case CONNECTION_ID -> hex(padded(inner, 32));
        case UUID -> uuid(padded(inner, 32));
        case TIMESTAMP ->
            quoted(Instant.EPOCH.plus(inner.longValueExact(), ChronoUnit.MICROS).toString());
        case TIME_DURATION -> throw new IllegalStateException("no literals");
      };
    }
    return switch (value) {
      case AlgebraicValue.Bool(boolean bool) -> String.valueOf(bool);
      case AlgebraicValue.Int(BigInteger integer) ->
          switch (random.nextInt(4)) {
            case 0 -> "'" + integer + "'";
            case 1 -> integer + ".0";
            case 2 -> integer.multiply(BigInteger.TEN) + "e-1";
            default -> String.valueOf(integer);
          };
      case AlgebraicValue.F32(float f) -> number(f, Float.toString(f));
      case AlgebraicValue.F64(double d) -> number(d, Double.toString(d));
      case AlgebraicValue.Text(String text) -> quoted(text);
      case AlgebraicValue.Bytes bytes -> hex(HexFormat.of().formatHex(bytes.toByteArray()));
      case AlgebraicValue.Array ignored -> throw new IllegalStateException("no literals");
      case AlgebraicValue.Product ignored -> throw new IllegalStateException("no literals");
      case AlgebraicValue.Sum ignored -> throw new IllegalStateException("no literals");
    };
  }

  private static String padded(BigInteger value, int digits) {
    String hex = value.toString(16);
    return "0".repeat(digits - hex.length()) + hex;
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private String hex(String digits) {
    return switch (random.nextInt(4)) {
      case 0 -> "X'" + digits + "'";
      case 1 -> "x'" + digits.toUpperCase(java.util.Locale.ROOT) + "'";
      case 2 -> "'0x" + digits + "'";
      default -> "0x" + digits;
    };
  }

  private String uuid(String digits) {
    if (random.nextBoolean()) {
      return "0x" + digits;
    }
    return quoted(digits.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
  }

  private static String number(double value, String text) {
    return Double.isInfinite(value) ? (value > 0 ? "1e999" : "-1e999") : text;
  }

  /** Whether SQL has a literal for the value. */
  static boolean hasLiteral(AlgebraicType type, AlgebraicValue value) {
    return switch (value) {
      case AlgebraicValue.F32(float f) -> !Float.isNaN(f);
      case AlgebraicValue.F64(double d) -> !Double.isNaN(d);
      case AlgebraicValue.Product(List<AlgebraicValue> elements)
          when SpecialType.TIMESTAMP.type().equals(type) -> {
        // RFC 3339 has years of four digits.
        BigInteger micros = ((AlgebraicValue.Int) elements.getFirst()).value();
        yield micros.signum() >= 0 && micros.bitLength() < 57;
      }
      default -> true;
    };
  }
}
