package dev.dormouse.sats.json;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.Primitive;
import java.math.BigInteger;
import java.util.HexFormat;

/** Scalars as JSON text, from their BSATN. Source: spec data-model §5.1. */
final class JsonText {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private JsonText() {}

  static void appendPrimitive(StringBuilder out, Primitive type, BsatnReader in) {
    switch (type) {
      case STRING -> appendString(out, in);
      case BOOL -> out.append(in.readBool());
      case I8 -> out.append((byte) in.readU8());
      case U8 -> out.append(in.readU8());
      case I16 -> out.append((short) in.readU16());
      case U16 -> out.append(in.readU16());
      case I32 -> out.append(in.readI32());
      case U32 -> out.append(in.readU32());
      case I64 -> out.append(in.readI64());
      case U64 -> appendUnsigned(out, in.readI64());
      case I128, U128 -> appendWide(out, type, in);
      case I256 -> {
        String digits = in.readInteger(type).toString(16);
        out.append('"');
        if (digits.charAt(0) == '-') {
          out.append("-0x").append(digits, 1, digits.length());
        } else {
          out.append("0x").append(digits);
        }
        out.append('"');
      }
      case U256 -> appendHexInteger(out, in);
      case F32 -> FloatText.append(out, Float.intBitsToFloat(in.readI32()));
      case F64 -> FloatText.append(out, Double.longBitsToDouble(in.readI64()));
    }
  }

  private static void appendUnsigned(StringBuilder out, long value) {
    if (value >= 0) {
      out.append(value);
    } else {
      out.append(Long.toUnsignedString(value));
    }
  }

  private static void appendWide(StringBuilder out, Primitive type, BsatnReader in) {
    BigInteger value = in.readInteger(type);
    if (value.bitLength() < Long.SIZE) {
      out.append(value.longValue());
    } else {
      out.append(value);
    }
  }

  /** {@code 0x} and the digits that are left without leading zeros, at least one. */
  private static void appendHexInteger(StringBuilder out, BsatnReader in) {
    int width = Primitive.U256.width();
    int at = in.skip(width);
    byte[] bytes = in.array();
    int digit = 2 * width - 1;
    while (digit > 0 && nibble(bytes, at, digit) == 0) {
      digit--;
    }
    out.append("\"0x");
    for (; digit >= 0; digit--) {
      out.append(HEX[nibble(bytes, at, digit)]);
    }
    out.append('"');
  }

  private static int nibble(byte[] littleEndian, int at, int digit) {
    return (littleEndian[at + digit / 2] >> (4 * (digit % 2))) & 0xf;
  }

  /** A string straight from its UTF-8, as long as that is ASCII. */
  static void appendString(StringBuilder out, BsatnReader in) {
    int length = in.readCount(1, "String");
    byte[] bytes = in.array();
    int start = in.position();
    for (int i = start; i < start + length; i++) {
      if (bytes[i] < ' ' || bytes[i] == '"' || bytes[i] == '\\') {
        appendQuoted(out, in.readText(length));
        return;
      }
    }
    int at = in.skip(length);
    out.append('"');
    for (int i = at; i < at + length; i++) {
      out.append((char) bytes[i]);
    }
    out.append('"');
  }

  /** A JSON string; only quotes, backslashes and control characters are escaped. */
  static void appendQuoted(StringBuilder out, String text) {
    out.append('"');
    int plainFrom = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\') {
        continue;
      }
      out.append(text, plainFrom, i);
      plainFrom = i + 1;
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append("\\u").append(HexFormat.of().toHexDigits(c));
      }
    }
    out.append(text, plainFrom, text.length()).append('"');
  }

  /** A string of two lower-case hex digits per byte. */
  static void appendHex(StringBuilder out, BsatnReader in) {
    int length = in.readCount(1, "bytes");
    byte[] bytes = in.array();
    int at = in.skip(length);
    out.append('"');
    for (int i = at; i < at + length; i++) {
      out.append(HEX[(bytes[i] >> 4) & 0xf]).append(HEX[bytes[i] & 0xf]);
    }
    out.append('"');
  }
}
