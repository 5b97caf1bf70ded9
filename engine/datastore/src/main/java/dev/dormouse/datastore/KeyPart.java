package dev.dormouse.datastore;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Primitive;
import java.util.List;

/**
 * One type of a key, compiled: BSATN in, bytes out whose unsigned order is the order of values.
 *
 * <p>Every encoding ends itself (none is the start of another of the same type), so keys of several
 * columns are simply joined. Source: spec data-model §3.
 */
sealed interface KeyPart {
  /** Bytes of every encoded value, or -1. */
  int width();

  /** Encodes the valid value at {@code at} and returns the index behind it. */
  int encode(byte[] bsatn, int at, KeyBuffer out);

  /** Compiles a type without references. */
  static KeyPart of(AlgebraicType type) {
    return switch (type) {
      case Ref ref -> throw new IllegalStateException(ref + " in a key");
      case Product(List<Member> elements) -> new Fields(compile(elements));
      case Sum(List<Member> variants) -> new Variants(compile(variants));
      case Array(AlgebraicType element) ->
          element == Primitive.U8 ? new Text() : new Elements(of(element));
      case Primitive primitive -> ofPrimitive(primitive);
    };
  }

  private static KeyPart[] compile(List<Member> members) {
    return members.stream().map(member -> of(member.type())).toArray(KeyPart[]::new);
  }

  private static KeyPart ofPrimitive(Primitive primitive) {
    return switch (primitive) {
      case STRING -> new Text();
      case BOOL, U8, U16, U32, U64, U128, U256 -> new Whole(primitive.width(), 0);
      case I8, I16, I32, I64, I128, I256 -> new Whole(primitive.width(), 0x80);
      case F32 -> new Float32();
      case F64 -> new Float64();
    };
  }

  /** An integer: most significant byte first, sign flipped. */
  record Whole(int width, int flip) implements KeyPart {
    @Override
    public int encode(byte[] bsatn, int at, KeyBuffer out) {
      int to = out.room(width);
      byte[] bytes = out.bytes;
      if (width >= 8) {
        for (int i = 0; i < width; i += 8) {
          Words.setLittleLong(
              bytes, to + i, Long.reverseBytes(Words.littleLong(bsatn, at + width - 8 - i)));
        }
      } else {
        for (int i = 0; i < width; i++) {
          bytes[to + i] = bsatn[at + width - 1 - i];
        }
      }
      bytes[to] ^= (byte) flip;
      return at + width;
    }
  }

  /** Zeros are equal, every NaN is equal to each other and above all else. */
  record Float32() implements KeyPart {
    @Override
    public int width() {
      return 4;
    }

    @Override
    public int encode(byte[] bsatn, int at, KeyBuffer out) {
      float value = Float.intBitsToFloat(Words.littleInt(bsatn, at));
      int bits = value == 0 ? 0 : Float.floatToIntBits(value);
      int ordered = bits < 0 ? ~bits : bits | Integer.MIN_VALUE;
      int to = out.room(4);
      Words.setLittleInt(out.bytes, to, Integer.reverseBytes(ordered));
      return at + 4;
    }
  }

  /** As {@link Float32}. */
  record Float64() implements KeyPart {
    @Override
    public int width() {
      return 8;
    }

    @Override
    public int encode(byte[] bsatn, int at, KeyBuffer out) {
      double value = Double.longBitsToDouble(Words.littleLong(bsatn, at));
      long bits = value == 0 ? 0 : Double.doubleToLongBits(value);
      long ordered = bits < 0 ? ~bits : bits | Long.MIN_VALUE;
      int to = out.room(8);
      Words.setLittleLong(out.bytes, to, Long.reverseBytes(ordered));
      return at + 8;
    }
  }

  /** Bytes with a length in front: 0 becomes 0 255, the end is 0 0. */
  record Text() implements KeyPart {
    /** Bytes of the end. */
    static final int TERMINATOR_BYTES = 2;

    @Override
    public int width() {
      return -1;
    }

    @Override
    public int encode(byte[] bsatn, int at, KeyBuffer out) {
      int length = Words.littleInt(bsatn, at);
      int from = at + 4;
      int zeros = 0;
      for (int i = 0; i < length; i++) {
        if (bsatn[from + i] == 0) {
          zeros++;
        }
      }
      int to = out.room(Math.addExact(length, zeros + TERMINATOR_BYTES));
      byte[] bytes = out.bytes;
      if (zeros == 0) {
        System.arraycopy(bsatn, from, bytes, to, length);
        to += length;
      } else {
        for (int i = 0; i < length; i++) {
          byte b = bsatn[from + i];
          bytes[to++] = b;
          if (b == 0) {
            bytes[to++] = -1;
          }
        }
      }
      bytes[to] = 0;
      bytes[to + 1] = 0;
      return from + length;
    }
  }

  /** Each element behind a 1, then a 0: the shorter of two with the same start is first. */
  record Elements(KeyPart element) implements KeyPart {
    @Override
    public int width() {
      return -1;
    }

    @Override
    public int encode(byte[] bsatn, int at, KeyBuffer out) {
      int count = Words.littleInt(bsatn, at);
      int position = at + 4;
      for (int i = 0; i < count; i++) {
        out.put(1);
        position = element.encode(bsatn, position, out);
      }
      out.put(0);
      return position;
    }
  }

  /** Fields one after another. */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record Fields(KeyPart[] parts) implements KeyPart {
    @Override
    public int width() {
      return total(parts);
    }

    @Override
    public int encode(byte[] bsatn, int at, KeyBuffer out) {
      int position = at;
      for (KeyPart part : parts) {
        position = part.encode(bsatn, position, out);
      }
      return position;
    }
  }

  /** The tag, then the payload. */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record Variants(KeyPart[] payloads) implements KeyPart {
    @Override
    public int width() {
      int width = payloads.length == 0 ? -1 : payloads[0].width();
      for (KeyPart payload : payloads) {
        if (payload.width() != width) {
          return -1;
        }
      }
      return width < 0 ? -1 : 1 + width;
    }

    @Override
    public int encode(byte[] bsatn, int at, KeyBuffer out) {
      int tag = bsatn[at] & 0xff;
      out.put(tag);
      return payloads[tag].encode(bsatn, at + 1, out);
    }
  }

  /** Bytes of all parts together, or -1. */
  static int total(KeyPart[] parts) {
    int width = 0;
    for (KeyPart part : parts) {
      if (part.width() < 0) {
        return -1;
      }
      width += part.width();
    }
    return width;
  }
}
