package dev.dormouse.sats.json;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import java.util.List;

/** Types as SATS-JSON, in the form of host structs. Source: spec data-model §1, §5.1. */
public final class TypeJson {
  private TypeJson() {}

  /** A product type by itself, without the tag of the type of types: {@code {"elements":[…]}}. */
  public static String product(Product type) {
    StringBuilder out = new StringBuilder();
    members("elements", type.elements(), out);
    return out.toString();
  }

  private static void write(AlgebraicType type, StringBuilder out) {
    switch (type) {
      case Ref(int index) -> out.append("{\"Ref\":").append(index).append('}');
      case Sum(List<Member> variants) -> {
        out.append("{\"Sum\":");
        members("variants", variants, out);
        out.append('}');
      }
      case Product(List<Member> elements) -> {
        out.append("{\"Product\":");
        members("elements", elements, out);
        out.append('}');
      }
      case Array(AlgebraicType element) -> {
        out.append("{\"Array\":");
        write(element, out);
        out.append('}');
      }
      case Primitive primitive -> out.append("{\"").append(primitive.display()).append("\":[]}");
    }
  }

  private static void members(String field, List<Member> members, StringBuilder out) {
    out.append("{\"").append(field).append("\":[");
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      out.append(i == 0 ? "{\"name\":" : ",{\"name\":");
      if (member.name().isPresent()) {
        out.append("{\"some\":");
        byte[] name = new BsatnWriter().writeString(member.name().get()).toByteArray();
        JsonText.appendString(out, new BsatnReader(name));
        out.append('}');
      } else {
        out.append("{\"none\":[]}");
      }
      out.append(",\"algebraic_type\":");
      write(member.type(), out);
      out.append('}');
    }
    out.append("]}");
  }
}
