package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Types as BSATN values of the type of types. Source: spec data-model §1. */
public final class TypeCodec {
  /** Deepest nesting of types in types that is read. */
  public static final int DEPTH_MAX = 128;

  private static final int SUM_VARIANTS_MAX = 256;

  private TypeCodec() {}

  /**
   * Reads one type.
   *
   * @throws DecodeException on an unknown tag, a short input, a sum of over 256 variants, or
   *     nesting deeper than {@link #DEPTH_MAX}
   */
  public static AlgebraicType read(BsatnReader reader) {
    return read(reader, 0);
  }

  private static AlgebraicType read(BsatnReader reader, int depth) {
    if (depth > DEPTH_MAX) {
      throw new DecodeException(
          "type nested deeper than " + DEPTH_MAX + " at offset " + reader.position());
    }
    int at = reader.position();
    int tag = reader.readTag();
    return switch (tag) {
      case 0 -> {
        int index = reader.readI32();
        if (index < 0) {
          throw new DecodeException(
              "type reference " + Integer.toUnsignedString(index) + " at offset " + at);
        }
        yield new Ref(index);
      }
      case 1 -> {
        List<Member> variants = readMembers(reader, depth);
        if (variants.size() > SUM_VARIANTS_MAX) {
          throw new DecodeException(
              "sum of " + variants.size() + " variants, limit " + SUM_VARIANTS_MAX);
        }
        yield new Sum(variants);
      }
      case 2 -> new Product(readMembers(reader, depth));
      case 3 -> new Array(read(reader, depth + 1));
      default -> {
        if (tag > 19) {
          throw new DecodeException("unknown type tag " + tag + " at offset " + at);
        }
        yield Primitive.ofTag(tag);
      }
    };
  }

  /** Reads a product type that stands without its tag. */
  public static Product readProduct(BsatnReader reader) {
    return new Product(readMembers(reader, 0));
  }

  private static List<Member> readMembers(BsatnReader reader, int depth) {
    int count = reader.readCount(2, "member");
    List<Member> members = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      Optional<String> name =
          readOptionTag(reader) ? Optional.of(reader.readString()) : Optional.empty();
      members.add(new Member(name, read(reader, depth + 1)));
    }
    return members;
  }

  /** Reads the tag of an option: true for some. */
  public static boolean readOptionTag(BsatnReader reader) {
    int tag = reader.readTag();
    if (tag > 1) {
      throw new DecodeException(
          "option tag " + tag + " at offset " + (reader.position() - 1) + ", must be 0 or 1");
    }
    return tag == 0;
  }

  /** Writes one type. */
  public static void write(AlgebraicType type, BsatnWriter writer) {
    switch (type) {
      case Ref(int index) -> writer.writeTag(0).writeI32(index);
      case Sum(List<Member> variants) -> {
        writer.writeTag(1);
        writeMembers(variants, writer);
      }
      case Product(List<Member> elements) -> {
        writer.writeTag(2);
        writeMembers(elements, writer);
      }
      case Array(AlgebraicType element) -> {
        writer.writeTag(3);
        write(element, writer);
      }
      case Primitive primitive -> writer.writeTag(primitive.tag());
    }
  }

  /** Writes a product type without its tag. */
  public static void writeProduct(Product type, BsatnWriter writer) {
    writeMembers(type.elements(), writer);
  }

  private static void writeMembers(List<Member> members, BsatnWriter writer) {
    writer.writeI32(members.size());
    for (Member member : members) {
      if (member.name().isPresent()) {
        writer.writeTag(0).writeString(member.name().get());
      } else {
        writer.writeTag(1);
      }
      write(member.type(), writer);
    }
  }

  /** The type's own encoding. */
  public static byte[] toBytes(AlgebraicType type) {
    BsatnWriter writer = new BsatnWriter();
    write(type, writer);
    return writer.toByteArray();
  }
}
