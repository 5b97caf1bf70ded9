package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import java.util.ArrayList;
import java.util.List;

/** The types a module's references point into, by position. Source: spec data-model §1. */
public record Typespace(List<AlgebraicType> types) {
  /** A typespace without types: nothing can be referenced. */
  public static final Typespace EMPTY = new Typespace(List.of());

  /** Most nodes one inlined type may have; a chain of doubling references stops here. */
  public static final int INLINED_NODES_MAX = 1 << 16;

  /** Deepest an inlined type may be, so that its own encoding can be read again. */
  public static final int INLINED_DEPTH_MAX = TypeCodec.DEPTH_MAX;

  public Typespace {
    types = List.copyOf(types);
  }

  /** The type a reference points to; not followed further. */
  public AlgebraicType get(Ref ref) {
    if (!ref.isWithin(types.size())) {
      throw new DecodeException(
          "type reference %s is dangling: the typespace has %d"
              .formatted(Integer.toUnsignedString(ref.index()), types.size()));
    }
    return types.get(ref.index());
  }

  /**
   * The type with every reference replaced by what it points to.
   *
   * @throws DecodeException if a reference is dangling or recursive, leads to a slot that is
   *     nothing but a reference, or the result exceeds {@link #INLINED_NODES_MAX} or {@link
   *     #INLINED_DEPTH_MAX}
   */
  public AlgebraicType inline(AlgebraicType type) {
    return new Inliner().inline(type, 0);
  }

  /** As {@link #inline(AlgebraicType)} for a product. */
  public Product inline(Product type) {
    return (Product) inline((AlgebraicType) type);
  }

  private final class Inliner {
    private final boolean[] open = new boolean[types.size()];
    private int nodes;

    AlgebraicType inline(AlgebraicType type, int depth) {
      nodes++;
      if (nodes > INLINED_NODES_MAX) {
        throw new DecodeException(
            "type too large: over " + INLINED_NODES_MAX + " nodes with references replaced");
      }
      if (depth > INLINED_DEPTH_MAX) {
        throw new DecodeException(
            "type nested deeper than " + INLINED_DEPTH_MAX + " with references replaced");
      }
      return switch (type) {
        case Ref ref -> {
          AlgebraicType target = get(ref);
          if (open[ref.index()] || target instanceof Ref) {
            throw new DecodeException("type reference " + ref.index() + " is recursive");
          }
          open[ref.index()] = true;
          AlgebraicType inlined = inline(target, depth);
          open[ref.index()] = false;
          yield inlined;
        }
        case Sum sum -> new Sum(members(sum.variants(), depth + 1));
        case Product product -> new Product(members(product.elements(), depth + 1));
        case Array array -> new Array(inline(array.element(), depth + 1));
        case Primitive primitive -> primitive;
      };
    }

    private List<Member> members(List<Member> members, int depth) {
      List<Member> inlined = new ArrayList<>(members.size());
      for (Member member : members) {
        inlined.add(new Member(member.name(), inline(member.type(), depth)));
      }
      return inlined;
    }
  }
}
