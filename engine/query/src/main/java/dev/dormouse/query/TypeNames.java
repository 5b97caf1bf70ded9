package dev.dormouse.query;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.util.List;

/** Names of types in error messages: SATS notation. Source: spec sql-and-subscriptions §16. */
final class TypeNames {
  /** Members shown of a product or sum; row types may have hundreds. */
  private static final int MEMBERS_SHOWN = 8;

  private TypeNames() {}

  static String of(AlgebraicType type) {
    StringBuilder text = new StringBuilder();
    append(type, 0, text);
    return text.toString();
  }

  private static void append(AlgebraicType type, int depth, StringBuilder text) {
    if (depth > 4) {
      text.append('…');
      return;
    }
    switch (type) {
      case Primitive primitive -> text.append(primitive.display());
      case Ref(int index) -> text.append('&').append(index);
      case Array(AlgebraicType element) -> {
        text.append("Array<");
        append(element, depth + 1, text);
        text.append('>');
      }
      case Product product -> {
        var special = SpecialType.of(product);
        if (special.isPresent()) {
          text.append(name(special.get()));
        } else {
          members(product.elements(), "(", ", ", ")", depth, text);
        }
      }
      case Sum sum -> members(sum.variants(), "(", " | ", ")", depth, text);
    }
  }

  private static String name(SpecialType special) {
    return switch (special) {
      case IDENTITY -> "Identity";
      case CONNECTION_ID -> "ConnectionId";
      case TIMESTAMP -> "Timestamp";
      case TIME_DURATION -> "TimeDuration";
      case UUID -> "Uuid";
    };
  }

  private static void members(
      List<Member> members,
      String open,
      String separator,
      String close,
      int depth,
      StringBuilder text) {
    text.append(open);
    for (int i = 0; i < members.size(); i++) {
      if (i > 0) {
        text.append(separator);
      }
      if (i == MEMBERS_SHOWN) {
        text.append('…');
        break;
      }
      text.append(members.get(i).nameOr(i)).append(": ");
      append(members.get(i).type(), depth + 1, text);
    }
    text.append(close);
  }
}
