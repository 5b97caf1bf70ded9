package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.Utf8Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Which types may stand where, and how names in them are converted. Source: data-model §1.1. */
final class TypeRules {
  private TypeRules() {}

  /** Whether a type may be used for an element, a parameter or a return value. */
  static boolean isUse(AlgebraicType type) {
    return switch (type) {
      case Primitive ignored -> true;
      case Ref ignored -> true;
      case Array(AlgebraicType element) -> isUse(element);
      case Product product ->
          product.equals(AlgebraicType.UNIT) || SpecialType.of(product).isPresent();
      case Sum sum ->
          sum.equals(AlgebraicType.NEVER)
              || sum.equals(SpecialType.SCHEDULE_AT)
              || ((SpecialType.isOption(sum) || SpecialType.isResult(sum))
                  && sum.variants().stream().allMatch(variant -> isUse(variant.type())));
    };
  }

  /** Whether a type may stand in a slot of the typespace under a name. */
  static boolean isDefinition(AlgebraicType type) {
    return switch (type) {
      case Product product ->
          SpecialType.of(product).isEmpty()
              && product.elements().stream().allMatch(element -> isUse(element.type()));
      case Sum sum ->
          !SpecialType.isSpecialSum(sum)
              && sum.variants().stream().allMatch(variant -> isUse(variant.type()));
      case Array ignored -> false;
      case Ref ignored -> false;
      case Primitive ignored -> false;
    };
  }

  /** The first reference that points outside a typespace of {@code slots}. */
  static Optional<Ref> dangling(AlgebraicType type, int slots) {
    return switch (type) {
      case Ref ref -> ref.isWithin(slots) ? Optional.empty() : Optional.of(ref);
      case Primitive ignored -> Optional.empty();
      case Array(AlgebraicType element) -> dangling(element, slots);
      case Product(List<Member> elements) -> dangling(elements, slots);
      case Sum(List<Member> variants) -> dangling(variants, slots);
    };
  }

  private static Optional<Ref> dangling(List<Member> members, int slots) {
    for (Member member : members) {
      Optional<Ref> ref = dangling(member.type(), slots);
      if (ref.isPresent()) {
        return ref;
      }
    }
    return Optional.empty();
  }

  /** Whether following a slot leads from reference to reference and never to a type. */
  static boolean isCircular(int slot, List<AlgebraicType> slots) {
    AlgebraicType type = slots.get(slot);
    for (int steps = 0; type instanceof Ref ref && ref.isWithin(slots.size()); steps++) {
      if (steps == slots.size()) {
        return true;
      }
      type = slots.get(ref.index());
    }
    return false;
  }

  /**
   * Whether members stand in the default order: those without a name first, then by name. Source:
   * data-model §1.1.
   */
  static boolean isInDefaultOrder(AlgebraicType type) {
    List<Member> members =
        switch (type) {
          case Product(List<Member> elements) -> elements;
          case Sum(List<Member> variants) -> variants;
          case Array ignored -> List.of();
          case Ref ignored -> List.of();
          case Primitive ignored -> List.of();
        };
    for (int i = 1; i < members.size(); i++) {
      Optional<String> before = members.get(i - 1).name();
      Optional<String> here = members.get(i).name();
      if (before.isPresent()
          && (here.isEmpty() || Utf8Order.compare(before.get(), here.get()) > 0)) {
        return false;
      }
    }
    return true;
  }

  /** The type with names converted; special types keep theirs. */
  static AlgebraicType converted(AlgebraicType type, CasePolicy policy) {
    return policy == CasePolicy.NONE ? type : convert(type, policy);
  }

  private static AlgebraicType convert(AlgebraicType type, CasePolicy policy) {
    return switch (type) {
      case Ref ref -> ref;
      case Primitive primitive -> primitive;
      case Array(AlgebraicType element) -> new Array(convert(element, policy));
      case Product product ->
          SpecialType.of(product).isPresent()
              ? product
              : new Product(members(product.elements(), policy, policy::snake));
      case Sum sum ->
          SpecialType.isSpecialSum(sum)
              ? new Sum(members(sum.variants(), policy, UnaryOperator.identity()))
              : new Sum(members(sum.variants(), policy, policy::camel));
    };
  }

  private static List<Member> members(
      List<Member> members, CasePolicy policy, UnaryOperator<String> name) {
    List<Member> converted = new ArrayList<>(members.size());
    for (Member member : members) {
      converted.add(new Member(member.name().map(name), convert(member.type(), policy)));
    }
    return converted;
  }

  /** The type with every reference moved by {@code slots}. */
  static AlgebraicType shifted(AlgebraicType type, int slots) {
    return switch (type) {
      case Ref(int index) -> new Ref(index + slots);
      case Primitive primitive -> primitive;
      case Array(AlgebraicType element) -> new Array(shifted(element, slots));
      case Product product -> shifted(product, slots);
      case Sum(List<Member> variants) -> new Sum(shifted(variants, slots));
    };
  }

  /** As {@link #shifted(AlgebraicType, int)} for a product. */
  static Product shifted(Product product, int slots) {
    return new Product(shifted(product.elements(), slots));
  }

  private static List<Member> shifted(List<Member> members, int slots) {
    List<Member> shifted = new ArrayList<>(members.size());
    for (Member member : members) {
      shifted.add(new Member(member.name(), shifted(member.type(), slots)));
    }
    return shifted;
  }

  /** Nodes of a type. */
  static int nodes(AlgebraicType type) {
    return switch (type) {
      case Ref ignored -> 1;
      case Primitive ignored -> 1;
      case Array(AlgebraicType element) -> 1 + nodes(element);
      case Product(List<Member> elements) -> nodes(elements);
      case Sum(List<Member> variants) -> nodes(variants);
    };
  }

  private static int nodes(List<Member> members) {
    int nodes = 1;
    for (Member member : members) {
      nodes += nodes(member.type());
    }
    return nodes;
  }
}
