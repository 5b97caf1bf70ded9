package dev.dormouse.sats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Conformance vectors, read from the repository's {@code docs/spec/vectors}. */
public final class Vectors {
  /** A JSON value of any kind. */
  public sealed interface Json {
    /** A field of an object. */
    default Json get(String field) {
      Json value = ((Obj) this).fields().get(field);
      if (value == null) {
        throw new AssertionError("no field " + field + " in " + this);
      }
      return value;
    }

    /** A field of an object, if it is there and not null. */
    default Optional<Json> find(String field) {
      return Optional.ofNullable(((Obj) this).fields().get(field)).filter(v -> !(v instanceof Nil));
    }

    /** An array's elements. */
    default List<Json> list() {
      return ((Arr) this).elements();
    }

    /** A string's text. */
    default String text() {
      return ((Str) this).value();
    }

    /** The bytes of a string of hex. */
    default byte[] hex() {
      return HexFormat.of().parseHex(text());
    }

    /** A small integer. */
    default int number() {
      return ((Num) this).value().intValueExact();
    }

    /** A boolean. */
    default boolean bool() {
      return ((Bool) this).value();
    }
  }

  /** An object; fields in order. */
  public record Obj(Map<String, Json> fields) implements Json {}

  /** An array. */
  public record Arr(List<Json> elements) implements Json {}

  /** A string. */
  public record Str(String value) implements Json {}

  /** A number. */
  public record Num(BigDecimal value) implements Json {}

  /** A boolean. */
  public record Bool(boolean value) implements Json {}

  /** Null. */
  public record Nil() implements Json {}

  private Vectors() {}

  /** The vectors of a file. */
  public static Json read(String file) {
    try {
      return parse(Files.readString(folder().resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("docs").resolve("spec").resolve("vectors");
      if (Files.isDirectory(folder)) {
        return folder;
      }
    }
    throw new AssertionError("no folder above the working directory holds docs/spec/vectors");
  }

  /** A JSON text as a tree. */
  public static Json parse(String text) {
    try (JsonParser parser = JsonFactory.builder().build().createParser(text)) {
      parser.nextToken();
      return value(parser);
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + text, e);
    }
  }

  private static Json value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Json> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, value(parser));
        }
        yield new Obj(fields);
      }
      case START_ARRAY -> {
        List<Json> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser));
        }
        yield new Arr(elements);
      }
      case VALUE_STRING -> new Str(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Num(new BigDecimal(parser.getText()));
      case VALUE_TRUE -> new Bool(true);
      case VALUE_FALSE -> new Bool(false);
      case VALUE_NULL -> new Nil();
      default -> throw new AssertionError("token " + parser.currentToken());
    };
  }

  /** A type in SATS-JSON, host-struct form. */
  public static AlgebraicType type(Json json) {
    Map.Entry<String, Json> only = ((Obj) json).fields().entrySet().iterator().next();
    Json payload = only.getValue();
    return switch (only.getKey()) {
      case "Ref" -> new AlgebraicType.Ref((int) ((Num) payload).value().longValueExact());
      case "Array" -> new AlgebraicType.Array(type(payload));
      case "Product" -> new AlgebraicType.Product(members(payload.get("elements")));
      case "Sum" -> new AlgebraicType.Sum(members(payload.get("variants")));
      default -> Primitive.valueOf(only.getKey().toUpperCase(java.util.Locale.ROOT));
    };
  }

  private static List<AlgebraicType.Member> members(Json members) {
    return members.list().stream()
        .map(
            member ->
                new AlgebraicType.Member(
                    member.get("name").find("some").map(Json::text),
                    type(member.get("algebraic_type"))))
        .toList();
  }

  /** The typespace beside a type, or the empty one. */
  public static Typespace typespace(Json vector) {
    return vector
        .find("typespace")
        .map(types -> new Typespace(types.list().stream().map(Vectors::type).toList()))
        .orElse(Typespace.EMPTY);
  }

  /** A value in the vectors' notation. */
  public static AlgebraicValue value(AlgebraicType type, Typespace typespace, Json json) {
    return switch (type) {
      case AlgebraicType.Ref ref -> value(typespace.get(ref), typespace, json);
      case AlgebraicType.Product(var elements) -> {
        List<AlgebraicValue> values = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
          values.add(value(elements.get(i).type(), typespace, json.list().get(i)));
        }
        yield new AlgebraicValue.Product(values);
      }
      case AlgebraicType.Sum(var variants) -> {
        int tag = json.get("tag").number();
        yield new AlgebraicValue.Sum(
            tag, value(variants.get(tag).type(), typespace, json.get("value")));
      }
      case AlgebraicType.Array(var element) ->
          element == Primitive.U8
              ? new AlgebraicValue.Bytes(json.get("bytes").hex())
              : new AlgebraicValue.Array(
                  json.list().stream().map(item -> value(element, typespace, item)).toList());
      case Primitive primitive -> primitiveValue(primitive, json);
    };
  }

  private static AlgebraicValue primitiveValue(Primitive primitive, Json json) {
    return switch (primitive) {
      case STRING -> new AlgebraicValue.Text(json.text());
      case BOOL -> new AlgebraicValue.Bool(json.bool());
      case F32 ->
          new AlgebraicValue.F32(
              Float.intBitsToFloat(Integer.parseUnsignedInt(json.get("bits").text(), 16)));
      case F64 ->
          new AlgebraicValue.F64(
              Double.longBitsToDouble(Long.parseUnsignedLong(json.get("bits").text(), 16)));
      case I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, I256, U256 ->
          new AlgebraicValue.Int(new BigInteger(json.text()));
    };
  }
}
