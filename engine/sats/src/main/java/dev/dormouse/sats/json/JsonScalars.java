package dev.dormouse.sats.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Primitive;
import java.io.IOException;
import java.math.BigInteger;
import java.util.HexFormat;

/** Scalars from the token that the parser stands on. Source: spec data-model §5.2. */
final class JsonScalars {
  private final JsonParser parser;
  private final BsatnWriter out;
  private final JsonPath path;

  JsonScalars(JsonParser parser, BsatnWriter out, JsonPath path) {
    this.parser = parser;
    this.out = out;
    this.path = path;
  }

  void read(Primitive type) throws IOException {
    switch (type) {
      case STRING -> {
        require(type, JsonToken.VALUE_STRING);
        out.writeString(unicode(parser.getText()));
      }
      case BOOL -> {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
          throw path.expected(type.display(), parser);
        }
        out.writeBool(token == JsonToken.VALUE_TRUE);
      }
      case I8, U8, I16, U16, I32, U32, I64, U64 -> integer(type);
      case I128, U128 -> {
        require(type, JsonToken.VALUE_NUMBER_INT);
        write(type, parser.getBigIntegerValue());
      }
      case I256, U256 -> {
        require(type, JsonToken.VALUE_STRING);
        write(type, hexInteger(type, parser.getText()));
      }
      case F32 -> {
        float value = Float.parseFloat(number(type));
        if (Float.isInfinite(value)) {
          throw outOfRange(type);
        }
        out.writeF32(value);
      }
      case F64 -> {
        double value = Double.parseDouble(number(type));
        if (Double.isInfinite(value)) {
          throw outOfRange(type);
        }
        out.writeF64(value);
      }
    }
  }

  private void require(Primitive type, JsonToken token) throws IOException {
    if (parser.currentToken() != token) {
      throw path.expected(type.display(), parser);
    }
  }

  private DecodeException outOfRange(Primitive type) throws IOException {
    return path.problem(
        "number %s is out of range for %s"
            .formatted(JsonPath.shown(parser.getText()), type.display()));
  }

  // JSON can spell half a surrogate pair; UTF-8 cannot.
  private String unicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else {
        throw path.problem("string with an unpaired surrogate at character " + i);
      }
    }
    return text;
  }

  private void integer(Primitive type) throws IOException {
    require(type, JsonToken.VALUE_NUMBER_INT);
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      write(type, parser.getBigIntegerValue());
      return;
    }
    long value = parser.getLongValue();
    int bits = 8 * type.width();
    boolean fits =
        type.isSigned()
            ? bits == Long.SIZE || value == value << (Long.SIZE - bits) >> (Long.SIZE - bits)
            : value >= 0 && (bits == Long.SIZE || value >>> bits == 0);
    if (!fits) {
      throw outOfRange(type);
    }
    switch (type.width()) {
      case 1 -> out.writeU8((int) value);
      case 2 -> out.writeU16((int) value);
      case 4 -> out.writeI32((int) value);
      default -> out.writeI64(value);
    }
  }

  private void write(Primitive type, BigInteger value) throws IOException {
    if (value.compareTo(type.minimum()) < 0 || value.compareTo(type.maximum()) > 0) {
      throw outOfRange(type);
    }
    out.writeInteger(type, value);
  }

  /** An optional sign, {@code 0x}, and hex digits; U256 takes no minus. */
  private BigInteger hexInteger(Primitive type, String text) {
    int at = 0;
    boolean negative = false;
    if (!text.isEmpty() && (text.charAt(0) == '+' || (text.charAt(0) == '-' && type.isSigned()))) {
      negative = text.charAt(0) == '-';
      at = 1;
    }
    String digits = text.startsWith("0x", at) ? text.substring(at + 2) : "";
    if (digits.isEmpty() || !digits.chars().allMatch(HexFormat::isHexDigit)) {
      throw path.problem(
          "expected %s as a string of 0x and hex digits, found the string %s"
              .formatted(type.display(), JsonPath.shown(text)));
    }
    int first = 0;
    while (first < digits.length() - 1 && digits.charAt(first) == '0') {
      first++;
    }
    if (digits.length() - first > 2 * type.width()) {
      throw path.problem(
          "number %s is out of range for %s".formatted(JsonPath.shown(text), type.display()));
    }
    BigInteger magnitude = new BigInteger(digits.substring(first), 16);
    return negative ? magnitude.negate() : magnitude;
  }

  private String number(Primitive type) throws IOException {
    JsonToken token = parser.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw path.expected(type.display(), parser);
    }
    return parser.getText();
  }

  /** Bytes as a string of hex, two digits each. */
  void hexBytes() throws IOException {
    String text = parser.getText();
    int length = text.length() / 2;
    if (text.length() % 2 != 0 || !text.chars().allMatch(HexFormat::isHexDigit)) {
      throw path.expected("bytes as an even number of hex digits", parser);
    }
    out.writeI32(length);
    for (int i = 0; i < length; i++) {
      out.writeU8(
          HexFormat.fromHexDigit(text.charAt(2 * i)) << 4
              | HexFormat.fromHexDigit(text.charAt(2 * i + 1)));
    }
  }
}
