package dev.dormouse.query;

import dev.dormouse.query.Condition.Literal;
import dev.dormouse.query.Condition.Literal.Form;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.TimestampText;
import dev.dormouse.sats.UuidText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The text of a literal as a value of the type that is expected. Source: spec sql-and-subscriptions
 * §6.
 */
final class Literals {
  /** Possessive, so that it is linear in the text. */
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?+(?:[0-9]++(?:\\.[0-9]*+)?+|\\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+");

  /** More decimal digits than any 256-bit integer has; longer ones need not be computed. */
  private static final int INTEGER_DIGITS_MAX = 80;

  /** Longest text that is read as an integer, in characters. */
  private static final int INTEGER_TEXT_MAX = 1_024;

  private Literals() {}

  /**
   * The value a literal stands for in a predicate.
   *
   * @throws EngineException if the literal is none of the type's
   */
  static Constant encode(Literal literal, AlgebraicType type, QueryLimits limits) {
    BsatnWriter writer = new BsatnWriter(literal.text().length() + 8);
    try {
      if (!write(literal, type, writer)) {
        throw unparsable(literal, type, limits);
      }
    } catch (DecodeException e) {
      throw unparsable(literal, type, limits);
    }
    return new Constant(writer.toByteArray());
  }

  private static EngineException unparsable(
      Literal literal, AlgebraicType type, QueryLimits limits) {
    if (literal.form() == Form.BOOL) {
      return Refusals.unexpectedType(type, Primitive.BOOL);
    }
    return Refusals.unparsable(literal.text(), type, limits);
  }

  private static boolean write(Literal literal, AlgebraicType type, BsatnWriter writer) {
    if ((literal.form() == Form.BOOL) != (type == Primitive.BOOL)) {
      return false;
    }
    if (type instanceof Primitive primitive) {
      return writePrimitive(literal, primitive, writer);
    }
    String text = literal.text();
    if (type.equals(AlgebraicType.BYTES)) {
      String digits = text.startsWith("0x") ? text.substring(2) : text;
      if (digits.length() % 2 != 0 || !digits.chars().allMatch(HexFormat::isHexDigit)) {
        return false;
      }
      writer.writeBytes(HexFormat.of().parseHex(digits));
      return true;
    }
    Optional<SpecialType> special = SpecialType.of(type);
    if (special.isEmpty()) {
      return false;
    }
    switch (special.get()) {
      case IDENTITY -> Identity.fromHex(text).write(writer);
      case CONNECTION_ID -> ConnectionId.fromHex(text).write(writer);
      case TIMESTAMP -> {
        Optional<Long> micros = TimestampText.parse(text);
        micros.ifPresent(writer::writeI64);
        return micros.isPresent();
      }
      case UUID -> {
        Optional<UUID> uuid = UuidText.parse(text);
        uuid.ifPresent(value -> UuidText.write(value, writer));
        return uuid.isPresent();
      }
      case TIME_DURATION -> {
        return false;
      }
    }
    return true;
  }

  private static boolean writePrimitive(Literal literal, Primitive type, BsatnWriter writer) {
    String text = literal.text();
    switch (type) {
      case STRING -> writer.writeString(text);
      case BOOL -> writer.writeBool(Boolean.parseBoolean(text));
      case F32, F64 -> {
        if (literal.form() == Form.HEX || !DECIMAL.matcher(text).matches()) {
          return false;
        }
        if (type == Primitive.F32) {
          writer.writeF32(Float.parseFloat(text));
        } else {
          writer.writeF64(Double.parseDouble(text));
        }
      }
      case I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, I256, U256 -> {
        if (literal.form() == Form.HEX) {
          return false;
        }
        Optional<BigInteger> value = integer(text);
        if (value.isEmpty()) {
          return false;
        }
        writer.writeInteger(type, value.get());
      }
    }
    return true;
  }

  /** The integer a decimal text denotes, if it is one of at most 80 digits. */
  private static Optional<BigInteger> integer(String text) {
    // Trailing zeros are stripped in time quadratic in the digits.
    if (text.length() > INTEGER_TEXT_MAX || !DECIMAL.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      BigDecimal value = new BigDecimal(text).stripTrailingZeros();
      // A positive scale means a fraction; a huge negative one would be computed digit by digit.
      if (value.scale() > 0 || value.precision() - (long) value.scale() > INTEGER_DIGITS_MAX) {
        return Optional.empty();
      }
      return Optional.of(value.toBigIntegerExact());
    } catch (NumberFormatException | ArithmeticException e) {
      // The exponent does not fit an int: no such integer is in range, except zero's.
      return Optional.empty();
    }
  }
}
