package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Random types and values; the same seed gives the same ones. */
public final class RandomSats {
  private static final List<Primitive> PRIMITIVES = List.of(Primitive.values());
  private static final List<SpecialType> SPECIAL = List.of(SpecialType.values());
  private static final List<String> NAMES =
      List.of("a", "b", "some", "none", "Größe", "x\"y", "1", "field\n", "日本", "😀");
  private static final List<String> TEXTS =
      List.of(
          "", "a", "ab", "\u0000", "\u007f", "é", "日本", "😀x", "\ufeffbom", "\"\\/\b\n", "\uffff");

  private final RandomGenerator random;

  /** Draws from a generator. */
  public RandomSats(RandomGenerator random) {
    this.random = random;
  }

  /** A type of some depth; members are named, in a form that has a typed JSON. */
  public AlgebraicType type(int depth) {
    int kind = random.nextInt(depth > 0 ? 8 : 4);
    return switch (kind) {
      case 4 -> new Array(type(depth - 1));
      case 5 -> new Product(members(random.nextInt(4), depth - 1));
      case 6 -> new Sum(members(1 + random.nextInt(3), depth - 1));
      case 7 -> AlgebraicType.option(type(depth - 1));
      case 3 -> SPECIAL.get(random.nextInt(SPECIAL.size())).type();
      default -> PRIMITIVES.get(random.nextInt(PRIMITIVES.size()));
    };
  }

  private List<Member> members(int count, int depth) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(
          new Member(Optional.of(NAMES.get(random.nextInt(NAMES.size())) + "_" + i), type(depth)));
    }
    return members;
  }

  /** A value of a type without references, often at an edge. */
  public AlgebraicValue value(AlgebraicType type) {
    return switch (type) {
      case Ref ref -> throw new IllegalArgumentException("" + ref);
      case Product(List<Member> elements) ->
          new AlgebraicValue.Product(elements.stream().map(e -> value(e.type())).toList());
      case Sum(List<Member> variants) -> {
        int tag = random.nextInt(variants.size());
        yield new AlgebraicValue.Sum(tag, value(variants.get(tag).type()));
      }
      case Array(AlgebraicType element) -> {
        int length = random.nextInt(4);
        if (element == Primitive.U8) {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          yield new AlgebraicValue.Bytes(bytes);
        }
        List<AlgebraicValue> elements = new ArrayList<>();
        for (int i = 0; i < length; i++) {
          elements.add(value(element));
        }
        yield new AlgebraicValue.Array(elements);
      }
      case Primitive primitive -> scalar(primitive);
    };
  }

  private AlgebraicValue scalar(Primitive type) {
    return switch (type) {
      case STRING -> new AlgebraicValue.Text(TEXTS.get(random.nextInt(TEXTS.size())));
      case BOOL -> new AlgebraicValue.Bool(random.nextBoolean());
      case F32 -> new AlgebraicValue.F32(f32());
      case F64 -> new AlgebraicValue.F64(f64());
      case I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, I256, U256 ->
          new AlgebraicValue.Int(integer(type));
    };
  }

  private BigInteger integer(Primitive type) {
    return switch (random.nextInt(4)) {
      case 0 -> type.minimum();
      case 1 -> type.maximum();
      case 2 -> BigInteger.valueOf(random.nextInt(3));
      default -> {
        byte[] bits = new byte[type.width()];
        random.nextBytes(bits);
        yield type.isSigned() ? new BigInteger(bits) : new BigInteger(1, bits);
      }
    };
  }

  /** A finite F32. */
  public float f32() {
    while (true) {
      float value =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(-1000, 1000) / 8f;
            case 1 -> Float.intBitsToFloat(random.nextInt(256));
            default -> Float.intBitsToFloat(random.nextInt());
          };
      if (Float.isFinite(value)) {
        return value;
      }
    }
  }

  /** A finite F64. */
  public double f64() {
    while (true) {
      double value =
          switch (random.nextInt(5)) {
            case 0 -> random.nextInt(-1000, 1000) / 8.0;
            case 1 -> Double.longBitsToDouble(random.nextInt(256));
            case 2 -> Math.scalb(1.0, random.nextInt(-1074, 1024));
            default -> Double.longBitsToDouble(random.nextLong());
          };
      if (Double.isFinite(value)) {
        return value;
      }
    }
  }

  /** A copy with some bytes changed, cut off or repeated. */
  public byte[] mutated(byte[] bytes) {
    byte[] copy = bytes.clone();
    if (copy.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    if (random.nextInt(4) == 0) {
      copy = Arrays.copyOf(copy, random.nextInt(copy.length + 4));
    }
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && copy.length > 0; i++) {
      int at = random.nextInt(copy.length);
      copy[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) 0xff;
            case 1 -> (byte) (copy[at] + 1);
            case 2 -> (byte) (copy[at] ^ (1 << random.nextInt(8)));
            default -> (byte) random.nextInt();
          };
    }
    return copy;
  }
}
