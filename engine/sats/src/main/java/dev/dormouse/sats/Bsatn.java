package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import java.util.ArrayList;
import java.util.List;

/**
 * Values at a type, as trees ⇄ BSATN. For rows on the hot path see {@link RowShape}. Source: spec
 * data-model §2.
 */
public final class Bsatn {
  /** Deepest nesting of a value; only recursive types can exceed that of types. */
  public static final int DEPTH_MAX = 256;

  private final Typespace typespace;

  private Bsatn(Typespace typespace) {
    this.typespace = typespace;
  }

  /** A codec for types whose references point into this typespace. Immutable. */
  public static Bsatn of(Typespace typespace) {
    return new Bsatn(typespace);
  }

  /** A codec for types without references. */
  public static final Bsatn INLINED = new Bsatn(Typespace.EMPTY);

  /**
   * Reads one value and leaves what follows it.
   *
   * @throws DecodeException if the bytes are no value of the type
   */
  public AlgebraicValue read(AlgebraicType type, BsatnReader reader) {
    return read(type, reader, 0, new Steps(reader));
  }

  /** Reads one value from the start of the bytes; trailing bytes are ignored as everywhere. */
  public AlgebraicValue read(AlgebraicType type, byte[] bytes) {
    return read(type, new BsatnReader(bytes));
  }

  private AlgebraicValue read(AlgebraicType type, BsatnReader reader, int depth, Steps steps) {
    steps.take();
    if (depth > DEPTH_MAX) {
      throw new DecodeException(
          "value nested deeper than " + DEPTH_MAX + " at offset " + reader.position());
    }
    return switch (type) {
      case Ref ref -> read(typespace.get(ref), reader, depth + 1, steps);
      case Product(List<Member> elements) -> {
        List<AlgebraicValue> values = new ArrayList<>(elements.size());
        for (Member element : elements) {
          values.add(read(element.type(), reader, depth + 1, steps));
        }
        yield new AlgebraicValue.Product(values);
      }
      case Sum(List<Member> variants) -> {
        int tag = readTag(variants, reader);
        yield new AlgebraicValue.Sum(tag, read(variants.get(tag).type(), reader, depth + 1, steps));
      }
      case Array(AlgebraicType element) ->
          element == Primitive.U8
              ? new AlgebraicValue.Bytes(reader.readBytes())
              : readArray(element, reader, depth, steps);
      case Primitive primitive -> readPrimitive(primitive, reader);
    };
  }

  /**
   * Steps over one value, making nothing of it: whether the bytes are one at all. For types that
   * may be recursive; others are faster through {@link RowShape}.
   *
   * @throws DecodeException if the bytes are no value of the type
   */
  public void skip(AlgebraicType type, BsatnReader reader) {
    skip(type, reader, 0, new Steps(reader));
  }

  private void skip(AlgebraicType type, BsatnReader reader, int depth, Steps steps) {
    steps.take();
    if (depth > DEPTH_MAX) {
      throw new DecodeException(
          "value nested deeper than " + DEPTH_MAX + " at offset " + reader.position());
    }
    switch (type) {
      case Ref ref -> skip(typespace.get(ref), reader, depth + 1, steps);
      case Product(List<Member> elements) -> {
        for (Member element : elements) {
          skip(element.type(), reader, depth + 1, steps);
        }
      }
      case Sum(List<Member> variants) ->
          skip(variants.get(readTag(variants, reader)).type(), reader, depth + 1, steps);
      case Array(AlgebraicType element) -> {
        int count = reader.readCount(minimumBytes(element), "array");
        if (element instanceof Primitive primitive && isAnyBytes(primitive)) {
          int _ = reader.skip(count * primitive.width());
        } else {
          for (int i = 0; i < count; i++) {
            int before = reader.position();
            skip(element, reader, depth + 1, steps);
            checkProgress(count, before, reader);
          }
        }
      }
      case Primitive primitive -> {
        if (isAnyBytes(primitive)) {
          int _ = reader.skip(primitive.width());
        } else if (primitive == Primitive.BOOL) {
          boolean _ = reader.readBool();
        } else {
          String _ = reader.readString();
        }
      }
    }
  }

  /**
   * What walking over one value may cost. A type of doubling references without bytes has more
   * parts than can ever be visited, and no byte that is missing ends the walk.
   */
  private static final class Steps {
    private long left;

    Steps(BsatnReader reader) {
      left = STEPS_MAX + (long) STEPS_PER_BYTE * reader.remaining();
    }

    void take() {
      left--;
      if (left < 0) {
        throw new DecodeException(
            "value of more parts than its bytes can mean, limit %d and %d a byte"
                .formatted(STEPS_MAX, STEPS_PER_BYTE));
      }
    }
  }

  private static boolean isAnyBytes(Primitive primitive) {
    return primitive != Primitive.STRING && primitive != Primitive.BOOL;
  }

  private static int readTag(List<Member> variants, BsatnReader reader) {
    int tag = reader.readTag();
    if (tag >= variants.size()) {
      throw new DecodeException(
          "sum tag %d at offset %d, the type has %d variants"
              .formatted(tag, reader.position() - 1, variants.size()));
    }
    return tag;
  }

  // Elements without bytes are bounded by nothing else than this.
  private static void checkProgress(int count, int before, BsatnReader reader) {
    if (reader.position() == before && count > ZERO_SIZE_ELEMENTS_MAX) {
      throw new DecodeException(
          "array of %d elements without bytes, limit %d".formatted(count, ZERO_SIZE_ELEMENTS_MAX));
    }
  }

  private AlgebraicValue.Array readArray(
      AlgebraicType element, BsatnReader reader, int depth, Steps steps) {
    int count = reader.readCount(minimumBytes(element), "array");
    List<AlgebraicValue> values = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      int before = reader.position();
      values.add(read(element, reader, depth + 1, steps));
      checkProgress(count, before, reader);
    }
    return new AlgebraicValue.Array(values);
  }

  /** Most elements of an array whose elements take no bytes; nothing else bounds their count. */
  public static final int ZERO_SIZE_ELEMENTS_MAX = 65_536;

  /** Most parts of a value that are looked at whatever its bytes are. */
  public static final int STEPS_MAX = 1 << 20;

  /** And so many more for every byte. */
  public static final int STEPS_PER_BYTE = 16;

  private static AlgebraicValue readPrimitive(Primitive primitive, BsatnReader reader) {
    return switch (primitive) {
      case STRING -> new AlgebraicValue.Text(reader.readString());
      case BOOL -> new AlgebraicValue.Bool(reader.readBool());
      case F32 -> new AlgebraicValue.F32(Float.intBitsToFloat(reader.readI32()));
      case F64 -> new AlgebraicValue.F64(Double.longBitsToDouble(reader.readI64()));
      case I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, I256, U256 ->
          new AlgebraicValue.Int(reader.readInteger(primitive));
    };
  }

  /** Bytes that any value of the type has at least, as far as that is known without a walk. */
  private static int minimumBytes(AlgebraicType type) {
    return switch (type) {
      case Ref ignored -> 0;
      case Product ignored -> 0;
      case Sum ignored -> 1;
      case Array ignored -> Integer.BYTES;
      case Primitive primitive -> primitive == Primitive.STRING ? Integer.BYTES : primitive.width();
    };
  }

  /**
   * Writes a value.
   *
   * @throws DecodeException if the value is none of the type: wrong shape, or out of range
   */
  public void write(AlgebraicType type, AlgebraicValue value, BsatnWriter writer) {
    switch (type) {
      case Ref ref -> write(typespace.get(ref), value, writer);
      case Product(List<Member> elements) -> {
        if (!(value instanceof AlgebraicValue.Product(List<AlgebraicValue> values))
            || values.size() != elements.size()) {
          throw mismatch(type, value);
        }
        for (int i = 0; i < elements.size(); i++) {
          write(elements.get(i).type(), values.get(i), writer);
        }
      }
      case Sum(List<Member> variants) -> {
        if (!(value instanceof AlgebraicValue.Sum(int tag, AlgebraicValue payload))
            || tag < 0
            || tag >= variants.size()) {
          throw mismatch(type, value);
        }
        writer.writeTag(tag);
        write(variants.get(tag).type(), payload, writer);
      }
      case Array(AlgebraicType element) -> {
        if (element == Primitive.U8 && value instanceof AlgebraicValue.Bytes bytes) {
          writer.writeBytes(bytes.toByteArray());
        } else if (value instanceof AlgebraicValue.Array(List<AlgebraicValue> values)) {
          writer.writeI32(values.size());
          for (AlgebraicValue item : values) {
            write(element, item, writer);
          }
        } else {
          throw mismatch(type, value);
        }
      }
      case Primitive primitive -> writePrimitive(primitive, value, writer);
    }
  }

  private static void writePrimitive(Primitive type, AlgebraicValue value, BsatnWriter writer) {
    switch (value) {
      case AlgebraicValue.Text(String text) when type == Primitive.STRING ->
          writer.writeString(text);
      case AlgebraicValue.Bool(boolean bool) when type == Primitive.BOOL -> writer.writeBool(bool);
      case AlgebraicValue.F32(float f) when type == Primitive.F32 -> writer.writeF32(f);
      case AlgebraicValue.F64(double d) when type == Primitive.F64 -> writer.writeF64(d);
      case AlgebraicValue.Int(var integer) when type.isInteger() ->
          writer.writeInteger(type, integer);
      default -> throw mismatch(type, value);
    }
  }

  private static DecodeException mismatch(AlgebraicType type, AlgebraicValue value) {
    return new DecodeException(value + " is no value of " + type);
  }

  /** The value's encoding. */
  public byte[] toBytes(AlgebraicType type, AlgebraicValue value) {
    BsatnWriter writer = new BsatnWriter();
    write(type, value, writer);
    return writer.toByteArray();
  }
}
