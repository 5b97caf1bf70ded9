package dev.dormouse.datastore;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.Primitive;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Random values, and their order written down once more from the specification. */
final class Values {
  private static final Bsatn BSATN = Bsatn.INLINED;
  private static final String[] TEXTS = {
    "", "a", "a\0", "a\0b", "ab", "b", "\u00e9", "zz", "long text that goes on"
  };
  private static final double[] DOUBLES = {
    0.0,
    -0.0,
    1,
    -1,
    Double.NaN,
    -Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    1e300
  };

  private Values() {}

  static AlgebraicValue random(AlgebraicType type, SplittableRandom random, int spread) {
    return switch (type) {
      case Ref ref -> throw new IllegalStateException(ref.toString());
      case Product product -> {
        List<AlgebraicValue> elements = new ArrayList<>();
        product.elements().forEach(e -> elements.add(random(e.type(), random, spread)));
        yield new AlgebraicValue.Product(elements);
      }
      case Sum sum -> {
        int tag = random.nextInt(sum.variants().size());
        yield new AlgebraicValue.Sum(tag, random(sum.variants().get(tag).type(), random, spread));
      }
      case Array(AlgebraicType element) -> {
        int count = random.nextInt(4);
        if (element == Primitive.U8) {
          byte[] bytes = new byte[count];
          for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (random.nextInt(3) - 1);
          }
          yield new AlgebraicValue.Bytes(bytes);
        }
        List<AlgebraicValue> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          elements.add(random(element, random, spread));
        }
        yield new AlgebraicValue.Array(elements);
      }
      case Primitive primitive -> primitive(primitive, random, spread);
    };
  }

  private static AlgebraicValue primitive(Primitive type, SplittableRandom random, int spread) {
    return switch (type) {
      case BOOL -> new AlgebraicValue.Bool(random.nextBoolean());
      case STRING -> {
        String text = TEXTS[random.nextInt(TEXTS.length)];
        yield new AlgebraicValue.Text(
            spread > 100 ? text + random.nextInt(spread) + "x".repeat(random.nextInt(40)) : text);
      }
      case F32 -> new AlgebraicValue.F32((float) DOUBLES[random.nextInt(DOUBLES.length)]);
      case F64 -> new AlgebraicValue.F64(DOUBLES[random.nextInt(DOUBLES.length)]);
      default -> {
        BigInteger value = BigInteger.valueOf(random.nextInt(spread));
        if (random.nextInt(8) == 0) {
          value = type.maximum().subtract(BigInteger.valueOf(random.nextInt(3)));
        } else if (type.isSigned() && random.nextBoolean()) {
          value = value.negate();
        }
        yield new AlgebraicValue.Int(value.max(type.minimum()).min(type.maximum()));
      }
    };
  }

  static byte[] encode(AlgebraicType type, AlgebraicValue value) {
    return BSATN.toBytes(type, value);
  }

  static AlgebraicValue decode(AlgebraicType type, byte[] bytes) {
    return BSATN.read(type, new BsatnReader(bytes));
  }

  /** The order of values. Source: spec data-model §3. */
  static int compare(AlgebraicValue a, AlgebraicValue b) {
    return switch (a) {
      case AlgebraicValue.Bool(boolean x) -> Boolean.compare(x, ((AlgebraicValue.Bool) b).value());
      case AlgebraicValue.Int(BigInteger x) -> x.compareTo(((AlgebraicValue.Int) b).value());
      case AlgebraicValue.F32(float x) -> floats(x, ((AlgebraicValue.F32) b).value());
      case AlgebraicValue.F64(double x) -> floats(x, ((AlgebraicValue.F64) b).value());
      case AlgebraicValue.Text(String x) ->
          Arrays.compareUnsigned(
              x.getBytes(StandardCharsets.UTF_8),
              ((AlgebraicValue.Text) b).value().getBytes(StandardCharsets.UTF_8));
      case AlgebraicValue.Bytes x ->
          Arrays.compareUnsigned(x.toByteArray(), ((AlgebraicValue.Bytes) b).toByteArray());
      case AlgebraicValue.Array(var x) -> compareAll(x, ((AlgebraicValue.Array) b).elements());
      case AlgebraicValue.Product(var x) -> compareAll(x, ((AlgebraicValue.Product) b).elements());
      case AlgebraicValue.Sum(int tag, AlgebraicValue payload) -> {
        AlgebraicValue.Sum other = (AlgebraicValue.Sum) b;
        yield tag != other.tag()
            ? Integer.compare(tag, other.tag())
            : compare(payload, other.payload());
      }
    };
  }

  private static int floats(double a, double b) {
    if (a == b) {
      return 0;
    }
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Boolean.compare(Double.isNaN(a), Double.isNaN(b));
    }
    return a < b ? -1 : 1;
  }

  static int compareAll(List<AlgebraicValue> a, List<AlgebraicValue> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }
}
