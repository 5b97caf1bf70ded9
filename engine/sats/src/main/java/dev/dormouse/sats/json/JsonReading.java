package dev.dormouse.sats.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.Typespace;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** One JSON document on its way to BSATN; the parser stands on the first token of each value. */
final class JsonReading {
  private final Typespace typespace;
  private final JsonParser parser;
  private final BsatnWriter out;
  private final JsonScalars scalars;
  private final JsonPath path = new JsonPath();

  JsonReading(Typespace typespace, JsonParser parser, BsatnWriter out) {
    this.typespace = typespace;
    this.parser = parser;
    this.out = out;
    this.scalars = new JsonScalars(parser, out, path);
  }

  void arguments(Product params, List<String> canonicalNames) throws IOException {
    product(params.elements(), canonicalNames, "arguments", 0);
  }

  void value(AlgebraicType type) throws IOException {
    value(type, 0);
  }

  private void value(AlgebraicType type, int depth) throws IOException {
    if (depth > Bsatn.DEPTH_MAX) {
      throw path.problem("value nested deeper than " + Bsatn.DEPTH_MAX);
    }
    switch (type) {
      case Ref ref -> value(typespace.get(ref), depth + 1);
      case Primitive primitive -> scalars.read(primitive);
      case Product(List<Member> elements) -> product(elements, List.of(), "product", depth + 1);
      case Sum sum -> sum(sum, depth + 1);
      case Array(AlgebraicType element) -> array(element, depth + 1);
    }
  }

  private void array(AlgebraicType element, int depth) throws IOException {
    boolean isBytes =
        element == Primitive.U8
            || (element instanceof Ref ref && typespace.get(ref) == Primitive.U8);
    if (isBytes && parser.currentToken() == JsonToken.VALUE_STRING) {
      scalars.hexBytes();
      return;
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw path.expected(isBytes ? "bytes as hex or an array" : "an array", parser);
    }
    int countAt = out.size();
    out.writeI32(0);
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      path.enter(count);
      int before = out.size();
      value(element, depth);
      path.leave();
      count++;
      if (out.size() == before && count > Bsatn.ZERO_SIZE_ELEMENTS_MAX) {
        throw path.problem(
            "over %d elements without bytes, limit %d"
                .formatted(Bsatn.ZERO_SIZE_ELEMENTS_MAX, Bsatn.ZERO_SIZE_ELEMENTS_MAX));
      }
    }
    out.setI32(countAt, count);
  }

  private void sum(Sum sum, int depth) throws IOException {
    List<Member> variants = sum.variants();
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        if (!SpecialType.isOption(sum)) {
          throw path.expected(display(sum), parser);
        }
        out.writeTag(1);
      }
      case START_OBJECT -> {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
          throw path.problem("expected an object with one key, the variant, found none");
        }
        int tag = variant(sum, parser.currentName());
        parser.nextToken();
        payload(variants.get(tag), tag, depth);
        if (parser.nextToken() != JsonToken.END_OBJECT) {
          throw path.problem("expected an object with one key, the variant, found more");
        }
      }
      case START_ARRAY -> {
        int tag =
            switch (parser.nextToken()) {
              case VALUE_STRING -> variant(sum, parser.getText());
              case VALUE_NUMBER_INT -> tag(sum, parser.getText());
              default ->
                  throw path.expected("a variant's tag or name at the start of its array", parser);
            };
        if (parser.nextToken() == JsonToken.END_ARRAY) {
          throw path.problem("expected [variant, payload], found no payload");
        }
        payload(variants.get(tag), tag, depth);
        if (parser.nextToken() != JsonToken.END_ARRAY) {
          throw path.problem("expected [variant, payload], found more");
        }
      }
      default -> throw path.expected(display(sum), parser);
    }
  }

  private static String display(Sum sum) {
    return SpecialType.isOption(sum) ? "an option" : "a sum";
  }

  private void payload(Member variant, int tag, int depth) throws IOException {
    out.writeTag(tag);
    path.enter(variant.nameOr(tag));
    value(variant.type(), depth);
    path.leave();
  }

  /** The tag of a variant by its name, else by the tag's decimal digits. */
  private int variant(Sum sum, String key) {
    List<Member> variants = sum.variants();
    for (int i = 0; i < variants.size(); i++) {
      if (variants.get(i).name().isPresent() && variants.get(i).name().get().equals(key)) {
        return i;
      }
    }
    return tag(sum, key);
  }

  private int tag(Sum sum, String digits) {
    List<Member> variants = sum.variants();
    if (!digits.isEmpty()
        && digits.length() <= 3
        && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int tag = Integer.parseInt(digits);
      if (tag < variants.size()) {
        return tag;
      }
    }
    throw path.problem(
        "no variant %s in a sum of %d variants%s"
            .formatted(JsonPath.shown(digits), variants.size(), names(variants)));
  }

  private static String names(List<Member> members) {
    List<String> names = members.stream().limit(8).flatMap(m -> m.name().stream()).toList();
    return names.isEmpty()
        ? ""
        : ": " + String.join(", ", names) + (members.size() > 8 ? ", …" : "");
  }

  private void product(List<Member> elements, List<String> otherNames, String what, int depth)
      throws IOException {
    switch (parser.currentToken()) {
      case START_ARRAY -> byPosition(elements, what, depth);
      case START_OBJECT -> byName(elements, otherNames, what, depth);
      default -> throw path.expected(what + " as an array or an object", parser);
    }
  }

  private void byPosition(List<Member> elements, String what, int depth) throws IOException {
    for (int i = 0; i < elements.size(); i++) {
      if (parser.nextToken() == JsonToken.END_ARRAY) {
        throw path.problem("%s of %d elements, found %d".formatted(what, elements.size(), i));
      }
      path.enter(elements.get(i).nameOr(i));
      value(elements.get(i).type(), depth);
      path.leave();
    }
    if (parser.nextToken() != JsonToken.END_ARRAY) {
      throw path.problem("%s of %d elements, found more".formatted(what, elements.size()));
    }
  }

  private void byName(List<Member> elements, List<String> otherNames, String what, int depth)
      throws IOException {
    int start = out.size();
    int[] starts = new int[elements.size()];
    int[] ends = new int[elements.size()];
    Arrays.fill(starts, -1);
    int found = 0;
    boolean inOrder = true;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      int index = index(elements, otherNames, name, what);
      if (starts[index] >= 0) {
        throw path.problem("field " + JsonPath.shown(name) + " is there twice");
      }
      parser.nextToken();
      path.enter(elements.get(index).nameOr(index));
      starts[index] = out.size();
      value(elements.get(index).type(), depth);
      ends[index] = out.size();
      path.leave();
      inOrder &= index == found;
      found++;
    }
    if (found < elements.size()) {
      for (int i = 0; i < starts.length; i++) {
        if (starts[i] < 0) {
          throw path.problem("field " + JsonPath.shown(elements.get(i).nameOr(i)) + " is missing");
        }
      }
    }
    if (!inOrder) {
      reorder(start, starts, ends);
    }
  }

  private void reorder(int start, int[] starts, int[] ends) {
    byte[] written = Arrays.copyOfRange(out.array(), start, out.size());
    out.truncate(start);
    for (int i = 0; i < starts.length; i++) {
      out.writeRaw(written, starts[i] - start, ends[i] - starts[i]);
    }
  }

  private int index(List<Member> elements, List<String> otherNames, String name, String what) {
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i).name().isPresent() && elements.get(i).name().get().equals(name)) {
        return i;
      }
    }
    int other = otherNames.indexOf(name);
    if (other < 0) {
      throw path.problem(
          "no field %s in %s of %d elements%s"
              .formatted(JsonPath.shown(name), what, elements.size(), names(elements)));
    }
    return other;
  }
}
